#include "train/loaded_detector.h"

#include "train/checkpoint.h"
#include "train/detector_config.h"

namespace rc {

LoadedDetector::LoadedDetector(const std::filesystem::path& path, const std::string& device, int threads,
                               int64_t batch)
    : config_(load_model_config(path)),
      device_(open_device(device, threads)),
      scorer_(*device_, variables_, detector_options(config_), policy_of(config_), batch,
              config_.data.img_size) {
  variables_.allocate(*device_);
  load_model(path, *device_, variables_);
  scorer_.prepare();
}

}  // namespace rc
