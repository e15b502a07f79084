// A trained detector ready to score: its configuration, device, weights and inference program, owned together
// and freed in the right order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "train/config.h"
#include "train/scorer.h"

namespace rc {

class LoadedDetector {
 public:
  // `path` as load_model_config takes it; `device` and `threads` as open_device takes them; at most `batch`
  // images are scored at once; `inspects` as Scorer takes it. Throws Error(data) where there is no such
  // model, Error(device), Error(memory).
  LoadedDetector(const std::filesystem::path& path, const std::string& device, int threads, int64_t batch,
                 bool inspects = false);
  LoadedDetector(const LoadedDetector&) = delete;  // the scorer refers to the device and the variables
  LoadedDetector& operator=(const LoadedDetector&) = delete;

  const Config& config() const { return config_; }  // what decides the network and its preprocessing
  Device& device() { return *device_; }
  const Variables& variables() const { return variables_; }
  Scorer& scorer() { return scorer_; }

 private:
  Config config_;
  std::unique_ptr<Device> device_;
  Variables variables_;
  Scorer scorer_;
};

}  // namespace rc
