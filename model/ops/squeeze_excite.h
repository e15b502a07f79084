// Squeeze and excitation (Hu et al., CVPR 2018), as EfficientNet has it.
#pragma once

#include "engine/graph.h"

namespace rc {

struct SqueezeExciteVariables {
  Value reduce_weight, reduce_bias;  // [R, 1, 1, C] or [R, C]; [R]
  Value expand_weight, expand_bias;  // [C, 1, 1, R] or [C, R]; [C]
};

// x [N, H, W, C] times a gate an image and channel: sigmoid(expand(silu(reduce(mean of x over pixels)))), in
// fp32.
Value squeeze_excite(Value x, const SqueezeExciteVariables&);

}  // namespace rc
