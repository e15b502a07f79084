// From a configuration to what each view of a training image goes through.
#pragma once

#include <vector>

#include "data/augment.h"
#include "train/config.h"

namespace rc {

// The preset's, with the configuration's own numbers in place of its; those leave dfb's light first view
// alone.
std::vector<Augmentation> augmentations(const Config&);

}  // namespace rc
