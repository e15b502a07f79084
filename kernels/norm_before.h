// A norm that a kernel's input passes as it is read.
#pragma once

namespace rc {

// By statistics of a batch (batch_norm.h). None where mean is null.
struct NormBefore {
  const float *mean = nullptr, *rstd = nullptr, *gamma = nullptr, *beta = nullptr;  // [C] each
};

}  // namespace rc
