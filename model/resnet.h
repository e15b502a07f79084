// ResNet (He et al., CVPR 2016) with torchvision's names, shapes and arithmetic: the stride of a bottleneck
// is in its 3x3 convolution. Images [N, H, W, 3] (H, W at least 32) to pooled features; the classifier, "fc",
// is the caller's.
#pragma once

#include "model/layers.h"

namespace rc {

Value resnet18(const Layers&, Value images);  // [N, 512]
Value resnet34(const Layers&, Value images);  // [N, 512]
Value resnet50(const Layers&, Value images);  // [N, 2048]

}  // namespace rc
