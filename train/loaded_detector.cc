#include "train/loaded_detector.h"

#include <cstdio>

#include "train/checkpoint.h"
#include "train/detector_config.h"

namespace rc {

LoadedDetector::LoadedDetector(const std::filesystem::path& path, const std::string& device, int threads,
                               int64_t batch, bool inspects)
    : config_(load_model_config(path)),
      device_(open_device(device, threads)),
      scorer_(*device_, variables_, detector_options(config_), policy_of(config_), batch,
              config_.data.img_size, inspects) {
  if (const std::string text = precision_note(config_, *device_); !text.empty())
    std::fprintf(stderr, "warning: %s\n", text.c_str());
  variables_.allocate(*device_);
  load_model(path, *device_, variables_);
  scorer_.prepare();
}

}  // namespace rc
