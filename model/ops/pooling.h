// Pooling over pixels.
#pragma once

#include "engine/activation.h"
#include "engine/graph.h"
#include "model/ops/batch_norm.h"

namespace rc {

// Square window; padding never wins. The gradient goes to the first largest of each window.
Value max_pool(Value x, int64_t window, int64_t stride, int64_t pad);
// Training: of activation(batch_norm(x)) by the batch's statistics, none or ReLU, which is nowhere stored.
Value max_pool_of_norm(Value x, const BatchNormVariables&, const BatchStatistics&, Activation, int64_t window,
                       int64_t stride, int64_t pad);
// [N, H, W, C] -> [N, C] fp32, the mean over pixels.
Value global_average_pool(Value x);

}  // namespace rc
