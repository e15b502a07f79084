// Scores image files that stand in no index: whatever a user points at.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/network_input.h"
#include "train/scorer.h"

namespace rc {

struct FilesToScore {
  std::vector<std::filesystem::path> images, videos;
};

// The paths in their order; in place of a folder, all images and videos in it and below it in natural order
// (each folder once, hidden names left out). Nothing is opened: a path that is no folder stays as it is, a
// video by its name, else an image. Throws Error(data) for a folder that cannot be read.
FilesToScore files_at(std::span<const std::filesystem::path>);

struct FileScore {
  Score score;
  std::string problem;  // why there is no score; empty where there is one
  LogitMap fake;        // what speaks for "fake", where that was asked for
};

// One a file, in order; the whole image at the network's size. A file that cannot be read spoils no other.
// `explained`: with a scorer that inspects.
std::vector<FileScore> score_files(Scorer&, std::span<const std::filesystem::path>, const NetworkInput&,
                                   bool explained = false);

}  // namespace rc
