// While training: batch norm, SiLU and squeeze and excitation in one, as EfficientNet has them behind each
// depthwise convolution. Of the size of x, only x and y are ever in memory.
#pragma once

#include "engine/graph.h"
#include "model/ops/batch_norm.h"
#include "model/ops/squeeze_excite.h"

namespace rc {

// squeeze_excite(batch_norm(x)) with SiLU between them, x [N, H, W, C]: by the batch's statistics, joined
// from its moments where it came with them.
Value gated_norm(const WithMoments& x, const BatchNormVariables&, const SqueezeExciteVariables&,
                 float momentum = 0.1f, float eps = 1e-5f);

}  // namespace rc
