// The videos in a folder, each as a folder of frames or as a video file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/layout.h"

namespace rc {

struct Clip {
  std::string id;                   // name of the folder, or of the file without its extension
  std::vector<std::string> frames;  // relative to the root, by number; of a video file its own path alone
};

// Those of root/folder: folders of images in frames/, videos/ or the folder itself, else video files in
// videos/ or the folder itself, in natural order. Where both are there, frames win and found.remarks says so.
// Folders without an image go to found.skipped. Throws Error(data) for a folder that cannot be read.
std::vector<Clip> clips_in(const std::filesystem::path& root, const std::filesystem::path& folder,
                           Found& found);

// Whether there is anything that clips_in would look at.
bool has_clips(const std::filesystem::path& folder);

}  // namespace rc
