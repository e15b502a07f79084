// The files of an index, looked at: are they there, are they pictures, what are they like, is one there
// twice.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/index.h"

namespace rc {

struct SurveyOptions {
  bool decode =
      false;  // every frame and every video file to its end, not only the beginning of each first frame
  bool hash = false;  // every file, to find those that are there twice
  int threads = 1;
};

struct FileProblem {
  std::string path;  // as the index has it
  std::string why;
};

// What the first frame of a video is like; empty or 0 where it cannot be read.
struct Appearance {
  std::string extension;  // ".png", lower case
  std::string format;     // by its content: JPEG | PNG | BMP | GIF, or "video"
  int width = 0, height = 0;
  int jpeg_quality = 0;
};

// Files of the same bytes in two videos; `a` and `b` are places in Index::videos.
struct Twins {
  size_t a, b;
  std::string path_a, path_b;
};

struct Survey {
  std::vector<FileProblem> missing, unreadable;  // in the index's order
  std::vector<Appearance> appearances;           // of each video
  std::vector<Twins> twins;                      // each file with the first of its bytes
  std::string not_decoded;                       // why video files were not looked into, where they were not
};

// `done` hears how many of how many videos were looked at. Memory: 24 bytes a file with `hash`, and a file at
// a time on each thread. The result does not depend on the number of threads.
Survey survey(const Index&, const SurveyOptions&, const std::function<void(size_t, size_t)>& done = {});

}  // namespace rc
