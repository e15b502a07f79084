#include "data/clips.h"

#include <algorithm>
#include <array>
#include <set>

#include "data/listing.h"
#include "data/split.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"frames", "videos", "masks", "landmarks"};

std::vector<std::string> clip_folders(const fs::path& place) {
  std::error_code missing;
  if (!fs::is_directory(place, missing)) return {};
  std::vector<std::string> names = folders_in(place);
  std::erase_if(names, [](const std::string& name) { return std::ranges::count(kKinds, name) > 0; });
  return names;
}

std::vector<std::string> clip_files(const fs::path& place) {
  std::error_code missing;
  return fs::is_directory(place, missing) ? videos_in(place) : std::vector<std::string>();
}

std::vector<Clip> frames_of(const fs::path& root, const fs::path& place, std::vector<std::string>& empty) {
  std::vector<Clip> clips;
  for (const std::string& id : clip_folders(root / place)) {
    const std::string within = (place / id).lexically_normal().generic_string();
    Clip clip{id, {}};
    for (const std::string& image : images_in(root / place / id)) clip.frames.push_back(within + "/" + image);
    if (clip.frames.empty())
      empty.push_back(within);
    else
      clips.push_back(std::move(clip));
  }
  return clips;
}

}  // namespace

std::vector<Clip> clips_in(const fs::path& root, const fs::path& folder, Found& found) {
  std::vector<Clip> clips, files;
  std::vector<std::string> empty;
  for (const char* kind : {"frames", "videos", "."}) {
    clips = frames_of(root, folder / kind, empty);
    if (!clips.empty()) break;
  }
  for (const char* kind : {"videos", "."}) {
    for (const std::string& file : clip_files(root / folder / kind))
      files.push_back(
          {fs::path(file).stem().string(), {(folder / kind / file).lexically_normal().generic_string()}});
    if (!files.empty()) break;
  }
  if (clips.empty() && !files.empty()) return files;

  found.skipped.insert(found.skipped.end(), empty.begin(), empty.end());
  if (!files.empty()) {
    std::set<std::string> with_frames;
    for (const Clip& clip : clips) with_frames.insert(clip.id);
    std::vector<std::string> without;
    for (const Clip& file : files)
      if (!with_frames.contains(file.id)) without.push_back(file.id);
    std::string remark = "frames are read in " + folder.generic_string() + ", not the " +
                         std::to_string(files.size()) + " video files beside them";
    if (!without.empty())
      remark += ", " + std::to_string(without.size()) + " of which have no frames: " + list_some(without);
    found.remarks.push_back(remark);
  }
  return clips;
}

bool has_clips(const fs::path& folder) {
  return std::ranges::any_of(
      std::array{folder / "frames", folder / "videos", folder},
      [](const fs::path& place) { return !clip_folders(place).empty() || !clip_files(place).empty(); });
}

}  // namespace rc
