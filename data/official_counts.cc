#include "data/official_counts.h"

#include <algorithm>
#include <array>
#include <set>

#include "data/ffpp_splits.h"
#include "data/split.h"
#include "engine/error.h"

namespace rc {
namespace {

struct Count {
  const char* set;
  const char* method;  // "real" too; "" all fakes
  const char* split;   // "" all
  size_t videos;
};

// Videos as the sets' own pages have them: FaceForensics/dataset/README.md (DFD: 363 and 3068),
// celeb-deepfakeforensics/README.md and Celeb-DF-v1/README.md (v1: 158 and 250 real of two kinds, 795; v2:
// 590 and 300 real, 5639, 518 of them for testing), DeeperForensics-1.0/dataset/README.md (1000 of each
// variant, 703:96:201). FF++ is counted by its ids.
constexpr std::array kCounts = {
    Count{"dfd", "real", "", 363},
    Count{"dfd", "", "", 3068},
    Count{"celebdf-v1", "real", "", 158 + 250},
    Count{"celebdf-v1", "", "", 795},
    Count{"celebdf-v2", "real", "", 590 + 300},
    Count{"celebdf-v2", "", "", 5639},
    Count{"celebdf-v2", "*", "test", 518},
    Count{"deeperforensics", "end_to_end", "", 1000},
    Count{"deeperforensics", "end_to_end", "train", 703},
    Count{"deeperforensics", "end_to_end", "val", 96},
    Count{"deeperforensics", "end_to_end", "test", 201},
};
constexpr std::array<std::string_view, 3> kFfpp = {"ffpp-raw", "ffpp-c23", "ffpp-c40"};

bool is_counted(const Video& video, const Count& count) {
  const std::string_view method = count.method;
  const bool of_method = method == "*" || (method.empty() ? video.label == 1 : video.method == method);
  return of_method && (*count.split == '\0' || video.split == count.split);
}

std::string what_of(const Count& count) {
  const std::string_view method = count.method;
  std::string text = method == "*" ? "all" : method.empty() ? "fake" : std::string(method);
  if (*count.split != '\0') text += std::string(" in ") + count.split;
  return text;
}

// FF++: 1000 real videos, and of each method that is here the 1000 fakes of the official pairs; all in their
// splits.
std::vector<std::string> ffpp_deviations(const Index& index, const std::string& compression) {
  std::vector<std::string> text;
  std::set<std::string> methods = {"real"};
  std::map<std::string, std::string> split_of;  // of a real video or a fake
  for (const char* split : {"train", "val", "test"})
    for (const auto& [a, b] : ffpp_pairs(split))
      for (const std::string& id : {a, b, a + "_" + b, b + "_" + a}) split_of[id] = split;
  std::vector<std::string> elsewhere, otherwise;
  std::map<std::string, std::set<std::string>> here;
  for (const Video& video : index.videos) {
    methods.insert(video.method);
    here[video.method].insert(video.id);
    const auto split = split_of.find(video.id);
    if (split != split_of.end() && split->second != video.split)
      elsewhere.push_back(video.method + "/" + video.id);
    if (video.comp != compression) otherwise.push_back(video.method + "/" + video.id);
  }
  for (const std::string& method : methods) {
    std::vector<std::string> lost;
    for (const auto& [id, split] : split_of)
      if ((id.find('_') == std::string::npos) == (method == "real") && !here[method].contains(id))
        lost.push_back(id);
    if (!lost.empty())
      text.push_back(method + ": " + std::to_string(1000 - lost.size()) + " of 1000 videos, without " +
                     list_some(lost));
    const size_t known = 1000 - lost.size();
    if (here[method].size() > known)
      text.push_back(method + ": " + std::to_string(here[method].size() - known) +
                     " videos that FF++ does not have");
  }
  if (methods.size() == 1) text.push_back("no fakes of any method");
  if (!elsewhere.empty())
    text.push_back(std::to_string(elsewhere.size()) +
                   " videos are not in their official split: " + list_some(elsewhere));
  if (!otherwise.empty())
    text.push_back(std::to_string(otherwise.size()) + " videos are not " + compression + ": " +
                   list_some(otherwise));
  return text;
}

}  // namespace

std::vector<std::string> official_sets() {
  std::vector<std::string> names(kFfpp.begin(), kFfpp.end());
  for (const Count& count : kCounts)
    if (names.back() != count.set) names.push_back(count.set);
  return names;
}

std::vector<std::string> deviations(const Index& index, std::string_view set) {
  const std::vector<std::string> sets = official_sets();
  if (std::ranges::find(sets, set) == sets.end()) {
    std::string names;
    for (const std::string& name : sets) names += (names.empty() ? "" : ", ") + name;
    throw Error(Exit::usage, "no official numbers of \"" + std::string(set) + "\"", "--expect",
                "there are " + names);
  }
  if (std::ranges::find(kFfpp, set) != kFfpp.end()) return ffpp_deviations(index, std::string(set.substr(5)));
  std::vector<std::string> text;
  for (const Count& count : kCounts) {
    if (count.set != set) continue;
    const size_t videos = size_t(
        std::ranges::count_if(index.videos, [&](const Video& video) { return is_counted(video, count); }));
    if (videos != count.videos)
      text.push_back(what_of(count) + ": " + std::to_string(videos) + " of " + std::to_string(count.videos) +
                     " videos");
  }
  return text;
}

}  // namespace rc
