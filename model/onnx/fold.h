// Batch norm as part of the convolution or matrix product before it, as a model is deployed.
#pragma once

#include "model/onnx/onnx_model.h"

namespace rc {

// Scales the rows of each Conv's or Gemm's weights by what the BatchNormalization behind it scales, puts its
// shift into the bias, and drops it. A norm of something else, or of what is used elsewhere too, stays. The
// results are those of the model before, but for rounding: each new weight is computed in double precision
// and rounded once.
void fold_batch_norms(OnnxModel&);

}  // namespace rc
