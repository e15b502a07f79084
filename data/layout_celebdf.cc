// Celeb-DF, versions 1 and 2: {Celeb-real,YouTube-real,Celeb-synthesis}/[videos|frames]/<video> and
// List_of_testing_videos.txt.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "data/clips.h"
#include "data/layout.h"
#include "data/listing.h"
#include "data/pair_names.h"
#include "data/split.h"
#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kList = "List_of_testing_videos.txt";

// Folders are spelt either way: Youtube-real, YouTube-real.
int label_of(const std::string& folder) {
  const std::string name = lower_case(folder);
  if (name == "celeb-real" || name == "youtube-real") return 0;
  return name == "celeb-synthesis" ? 1 : -1;
}

// The version that the folder's name says as a word of its own, or behind "df": Celeb-DF-v2, celebdf_v1,
// CelebDFv2, but not nov1ce.
std::string dataset_of(const fs::path& root) {
  const std::string name = lower_case(fs::weakly_canonical(root).filename().string());
  const auto in_word = [&](size_t i) { return i < name.size() && std::isalnum(uint8_t(name[i])); };
  for (const char* version : {"v1", "v2"})
    for (size_t at = 0; (at = name.find(version, at)) != std::string::npos; ++at) {
      const bool begins = at == 0 || !in_word(at - 1) || (at >= 2 && name.compare(at - 2, 2, "df") == 0);
      if (begins && !in_word(at + 2)) return std::string("Celeb-DF-") + version;
    }
  return "Celeb-DF";
}

}  // namespace

// The lines are `1 YouTube-real/00170.mp4`, where 1 is real: the class is that of the folder, and the number
// is only asked to be one of the two.
std::set<std::string> read_celebdf_list(const fs::path& file) {
  constexpr uint64_t kLimit = uint64_t(16) << 20;
  const std::string text = read_file(file, kLimit);
  std::set<std::string> listed;
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line(text.data() + at, end - at);
    at = end + 1;
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    if (line.empty()) continue;
    const size_t slash = line.find('/');
    const bool is_entry = line.size() > 2 && (line[0] == '0' || line[0] == '1') && line[1] == ' ' &&
                          slash != std::string_view::npos && slash + 1 < line.size();
    if (!is_entry)
      throw Error(Exit::data, "bad line in " + file.string() + ":" + std::to_string(number),
                  std::string(line.substr(0, 80)), "expected lines such as \"1 YouTube-real/00170.mp4\"");
    const std::string name(line.substr(slash + 1));
    listed.insert(lower_case(line.substr(2, slash - 2)) + "/" + fs::path(name).stem().string());
  }
  return listed;
}

bool is_celebdf(const fs::path& root, const ReadOptions&) {
  return fs::is_directory(root) && std::ranges::any_of(folders_in(root), [](const std::string& name) {
           return lower_case(name).starts_with("celeb-") && label_of(name) >= 0;
         });
}

Found read_celebdf(const fs::path& root, const ReadOptions& options) {
  if (options.splits.empty() && !fs::exists(root / kList))
    throw Error(Exit::data, std::string("no ") + kList + " in " + root.string(),
                "it says which videos are for testing",
                "copy it from the download, or give lists of your own: --splits DIR");
  std::set<std::string> testing;
  if (options.splits.empty()) testing = read_celebdf_list(root / kList);

  Found found;
  for (const std::string& folder : folders_in(root)) {
    const int label = label_of(folder);
    if (label < 0) continue;
    for (Clip& clip : clips_in(root, folder, found)) {
      Video video;
      video.dataset = dataset_of(root), video.label = label, video.method = label ? folder : "real";
      video.split = testing.erase(lower_case(folder) + "/" + clip.id) ? "test" : "train";
      video.id = std::move(clip.id), video.frames = std::move(clip.frames);
      if (label)
        name_celebdf_pair(video, {});
      else
        video.target = video.id;
      found.videos.push_back(std::move(video));
    }
  }
  if (!testing.empty())
    found.remarks.push_back(std::to_string(testing.size()) + " videos of " + kList +
                            " are not here: " + list_some({testing.begin(), testing.end()}));
  hold_out_validation(found.videos);

  std::map<std::string, std::set<std::string>> reals;
  for (const Video& video : found.videos)
    if (video.label == 0) reals[video.split].insert(video.id);
  for (Video& video : found.videos)
    if (video.label == 1) name_celebdf_pair(video, reals);
  return found;
}

}  // namespace rc
