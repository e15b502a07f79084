// DeeperForensics-1.0: manipulated_videos/<variant>/[frames/]<target>_<source>,
// lists/splits/{train,val,test}.txt, and its real part, which its authors do not give away: the FF++ videos
// at c23, expected in the tree as original_sequences/youtube/c23.
#include <algorithm>
#include <map>

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

constexpr const char* kFake = "manipulated_videos";
constexpr const char* kActors = "source_videos";

// Identity -> split: targets are FF++ videos, sources are actors. The lists keep sources apart, and each
// target has one source.
std::map<std::string, std::string> read_lists(const fs::path& root) {
  constexpr uint64_t kLimit = uint64_t(16) << 20;
  std::map<std::string, std::string> lists;
  for (const char* split : {"train", "val", "test"}) {
    const fs::path file = root / "lists" / "splits" / (std::string(split) + ".txt");
    const std::string text = read_file(file, kLimit);
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find_first_of("\r\n", at), text.size());
      const std::string id = fs::path(text.substr(at, end - at)).stem().string();
      at = end + 1;
      if (id.empty()) continue;
      const size_t bar = id.find('_');
      if (bar == 0 || bar == std::string::npos || bar + 1 == id.size())
        throw Error(Exit::data, "bad line in " + file.string(), id.substr(0, 80),
                    "expected the names of manipulated videos, such as 000_M101.mp4");
      for (const std::string& who : {id.substr(0, bar), id.substr(bar + 1)})
        if (const auto [old, fresh] = lists.try_emplace(who, split); !fresh && old->second != split)
          throw Error(Exit::data, "identity \"" + who + "\" is in two splits", file.string(),
                      "the lists of the download keep them apart");
    }
  }
  return lists;
}

// The folders of real videos, relative to the root.
std::vector<fs::path> real_folders(const fs::path& root, Found& found) {
  for (const char* folder : {"original_sequences/youtube/c23", "target_videos"})
    if (fs::is_directory(root / folder)) return {folder};
  std::vector<fs::path> actors;
  if (fs::is_directory(root / kActors))
    for (const std::string& actor : folders_in(root / kActors)) actors.push_back(fs::path(kActors) / actor);
  if (!actors.empty())
    found.remarks.push_back(
        "the actors' recordings in source_videos stand for real videos; the authors of the set mean FF++'s: "
        "link its "
        "original_sequences into " +
        root.string());
  return actors;
}

}  // namespace

bool is_deeperforensics(const fs::path& root, const ReadOptions&) { return fs::is_directory(root / kFake); }

Found read_deeperforensics(const fs::path& root, const ReadOptions& options) {
  std::map<std::string, std::string> lists;
  if (options.splits.empty()) lists = read_lists(root);
  const auto split_of = [&](const std::string& who) {
    const auto at = lists.find(who);
    return at == lists.end() ? std::string() : at->second;
  };
  Found found;
  const auto add = [&](Clip& clip, int label, const std::string& method, const std::string& who) {
    Video video;
    video.dataset = "DeeperForensics-1.0", video.label = label, video.method = method;
    video.id = std::move(clip.id), video.frames = std::move(clip.frames);
    video.split = split_of(who);
    if (label)
      name_ffpp_pair(video, {});
    else
      video.target = video.id;
    found.videos.push_back(std::move(video));
  };
  for (const fs::path& folder : real_folders(root, found)) {
    const bool of_actor = *folder.begin() == kActors;
    for (Clip& clip : clips_in(root, folder, found)) {
      const std::string who = of_actor ? folder.filename().string() : clip.id;
      add(clip, 0, "real", who);
    }
  }
  for (const std::string& variant : folders_in(root / kFake))
    for (Clip& clip : clips_in(root, fs::path(kFake) / variant, found)) {
      const std::string target = clip.id.substr(0, clip.id.find('_'));
      add(clip, 1, variant, target);
    }
  return found;
}

}  // namespace rc
