// Pooling over pixels.
#pragma once

#include "engine/graph.h"

namespace rc {

// Square window; padding never wins. The gradient goes to the first largest of each window.
Value max_pool(Value x, int64_t window, int64_t stride, int64_t pad);
// [N, H, W, C] -> [N, C] fp32, the mean over pixels.
Value global_average_pool(Value x);

}  // namespace rc
