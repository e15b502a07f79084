// Inference: a convolution with its batch norm folded in, and what follows, as one step.
#pragma once

#include "engine/graph.h"
#include "model/ops/batch_norm.h"

namespace rc {

// y = activation(norm(x * w) + residual) by the running statistics, w [K, R, S, C] fp32. Empty where the
// device has no such primitive: then convolution and norm are ops of their own.
Value folded_conv(Value x, Value w, const BatchNormVariables&, int64_t stride, int64_t pad, Activation,
                  Value residual = {}, float eps = 1e-5f);

// The same with w [C, R, R, 1] fp32, each channel by a filter of its own: on every device, without a
// residual.
Value folded_depthwise(Value x, Value w, const BatchNormVariables&, int64_t stride, int64_t pad, Activation,
                       float eps = 1e-5f);

}  // namespace rc
