// Trees of data sets in miniature. An index reads no pixels, so a file with an image's or a video's name will
// do.
#pragma once

#include <filesystem>
#include <string>

#include "data/index.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {

inline void touch(const std::filesystem::path& path) { write_file(path, "x"); }

// A folder of frames 0.png, 1.png, ...
inline void make_video(const std::filesystem::path& folder, int frames) {
  for (int i = 0; i < frames; ++i) touch(folder / (std::to_string(i) + ".png"));
}

inline ReadOptions at(const std::string& compression) {
  ReadOptions options;
  options.compression = compression;
  return options;
}

// An index in words, a line a video: "test fake FaceSwap/000_003 000<-003 c23 2 path/of/the/first.png".
inline std::string summary(const Index& index) {
  std::string text;
  for (const Video& v : index.videos)
    text += v.split + (v.label ? " fake " : " real ") + v.method + "/" + v.id + " " + v.target + "<-" +
            v.source + (v.comp.empty() ? "" : " " + v.comp) + " " + std::to_string(v.frames.size()) + " " +
            v.frames.front() + "\n";
  return text;
}

inline std::string remarks_of(const Index& index) {
  std::string text;
  for (const std::string& remark : index.remarks) text += remark + "\n";
  return text;
}

}  // namespace rc
