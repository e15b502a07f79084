// EfficientNet (Tan and Le, ICML 2019) with timm's names and PyTorch's arithmetic: symmetric padding, batch
// norm with eps 1e-5. Images [N, H, W, 3] (H, W at least 32) to pooled features; the classifier,
// "classifier", is the caller's. Layers::stochastic_depth is heeded.
#pragma once

#include "model/layers.h"

namespace rc {

Value efficientnet_b0(const Layers&, Value images);  // [N, 1280]
Value efficientnet_b4(const Layers&, Value images);  // [N, 1792]

}  // namespace rc
