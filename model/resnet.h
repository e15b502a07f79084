// ResNet-18 (He et al., CVPR 2016) with torchvision's names, shapes and arithmetic.
#pragma once

#include "model/layers.h"

namespace rc {

inline constexpr int64_t kResNet18Features = 512;

// Images [N, H, W, 3] (H, W at least 32) to pooled features [N, 512]. The classifier is the caller's.
Value resnet18(const Layers&, Value images);

}  // namespace rc
