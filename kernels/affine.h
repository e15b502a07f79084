// What a norm makes of a value of its channel. Included by bodies alone.
#pragma once

#include "kernels/vector_math.h"

namespace rc {

// Of a few channels. One spelling for forward and backward, so that what is computed again is what was.
// Kernel has mean, rstd, gamma and beta.
template <class W>
struct Affine {
  using V = typename W::Type;
  V mean, scale, shift;

  template <class Kernel>
  RC_INLINE Affine(W width, const Kernel& kernel, int64_t channel)
      : mean(read_floats(width, kernel.mean + channel)),
        scale(read_floats(width, kernel.gamma + channel) * read_floats(width, kernel.rstd + channel)),
        shift(read_floats(width, kernel.beta + channel)) {}
  RC_INLINE V operator()(const V& x) const { return fma(x - mean, scale, shift); }
};

}  // namespace rc
