#include "train/augmentations.h"

namespace rc {

std::vector<Augmentation> augmentations(const Config& c) {
  std::vector<Augmentation> views = preset_views(c.aug.preset, c.sampler.views);
  const auto set = [](auto& own, auto given) {
    if (given >= 0) own = given;
  };
  for (size_t i = c.aug.preset == "dfb" && views.size() > 1 ? 1 : 0; i < views.size(); ++i) {
    Augmentation& how = views[i];
    set(how.flip, c.aug.flip), set(how.crop, c.aug.crop), set(how.blur, c.aug.blur);
    set(how.colour, c.aug.colour), set(how.jpeg, c.aug.jpeg);
    set(how.jpeg_quality_min, c.aug.jpeg_quality_min), set(how.jpeg_quality_max, c.aug.jpeg_quality_max);
  }
  return views;
}

}  // namespace rc
