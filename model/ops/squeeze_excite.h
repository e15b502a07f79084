// Squeeze and excitation (Hu et al., CVPR 2018), as EfficientNet has it.
#pragma once

#include "engine/graph.h"

namespace rc {

struct SqueezeExciteVariables {
  Value reduce_weight, reduce_bias;  // [R, 1, 1, C] or [R, C]; [R]
  Value expand_weight, expand_bias;  // [C, 1, 1, R] or [C, R]; [C]
};

// Gates of means [N, C]: sigmoid(expand(silu(reduce(means)))).
Value excitation(Value means, const SqueezeExciteVariables&);

// x [N, H, W, C] times the gate of its image and channel, made of its means over pixels, in fp32. Inference
// alone: training has it in one with the norm before it (gated_norm.h).
Value squeeze_excite(Value x, const SqueezeExciteVariables&);

}  // namespace rc
