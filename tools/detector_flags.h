// The flags of a command that scores images with a trained detector: which one, where and how many at once.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace rc {

struct DetectorFlags {
  std::string weights = {}, device = "auto";
  int threads = 0;
  int batch = 32;  // images at once
};

// What the user gives stands in `flags`, which must outlive the command, once the command line is parsed.
void add_detector_flags(CLI::App& command, DetectorFlags& flags);

}  // namespace rc
