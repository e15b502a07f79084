// A batch norm folded into the convolution before it, for inference with running statistics:
// gamma (w * x - mean) / sqrt(var + eps) + beta = (scale w) * x + bias, scale = gamma / sqrt(var + eps).
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"

namespace rc {

// folded = scale w, filter by filter, and bias = beta - mean scale; scale and bias in double, rounded once.
// Reads filters * size elements and writes as many; one FLOP each.
template <class T>
struct FoldNorm {
  const float* w;                          // [filters, size]
  const float *gamma, *beta, *mean, *var;  // [filters]
  T* folded;                               // [filters, size]
  float* bias;                             // [filters]
  int64_t filters, size;
  float eps;

  Grid grid() const { return {.blocks = filters}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
