#include "tools/detector_flags.h"

#include <CLI/CLI.hpp>

namespace rc {

void add_detector_flags(CLI::App& command, DetectorFlags& flags) {
  command.add_option("-w,--weights", flags.weights, "Run folder, checkpoint folder or model.safetensors")
      ->required();
  command.add_option("-b,--batch-size", flags.batch, "Images scored at once, at most")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command.add_option("--device", flags.device, "auto, cpu or cuda:N")->capture_default_str();
  command.add_option("--threads", flags.threads, "Of the CPU device; 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

}  // namespace rc
