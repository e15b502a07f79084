// From photographs to prepared faces (people.h): finds every face that is large enough and crops it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rc {

struct PrepareOptions {
  bool aligned = true;   // by landmarks; otherwise upright by the face's box
  int size = 256;        // side of a crop, pixels
  double margin = 1.3;   // how much more than the face a crop shows
  bool replace = false;  // an existing output folder
  int threads = 1;
};

struct PrepareReport {
  struct Photo {
    std::string name;
    int faces = 0;
    std::string problem;  // why the file could not be read, or empty
  };
  std::vector<Photo> photos;  // by name
  int people = 0;
};

// Reads the photographs under `in` (in/photos where there is such a folder), writes `out` as a whole. Each
// face is a person: `<photo>`, or `<photo>-1`, `<photo>-2` from left to right in a photograph of several.
// Throws Error(data) when no face is found at all.
PrepareReport prepare(const std::filesystem::path& in, const std::filesystem::path& out,
                      const PrepareOptions&);

}  // namespace rc
