// What a norm makes of a value of its channel, and of its gradient. Included by bodies alone.
#pragma once

#include "kernels/vector_math.h"
#include "kernels/width.h"

namespace rc {

// Of a few channels. One spelling for forward and backward, so that what is computed again is what was.
// Kernel has mean, rstd, gamma and beta.
template <class W>
struct ChannelAffine {
  using V = typename W::Type;
  V mean, scale, shift;

  template <class Kernel>
  RC_INLINE ChannelAffine(W width, const Kernel& kernel, int64_t channel)
      : mean(read_floats(width, kernel.mean + channel)),
        scale(read_floats(width, kernel.gamma + channel) * read_floats(width, kernel.rstd + channel)),
        shift(read_floats(width, kernel.beta + channel)) {}
  RC_INLINE V operator()(const V& x) const { return fma(x - mean, scale, shift); }
};

// What dx has because the statistics depend on x: -scale (dbeta + (x - mean) rstd dgamma) / count, count the
// number of values of a channel. Kernel has dgamma and dbeta besides.
template <class W>
struct ThroughStatistics {
  using V = typename W::Type;
  V offset, slope;

  template <class Kernel>
  RC_INLINE ThroughStatistics(W width, const Kernel& kernel, const ChannelAffine<W>& affine, int64_t channel)
      : offset(affine.scale * (read_floats(width, kernel.dbeta + channel) / -count(kernel))),
        slope(affine.scale * read_floats(width, kernel.rstd + channel) *
              (read_floats(width, kernel.dgamma + channel) / -count(kernel))) {}
  template <class Kernel>
  RC_INLINE static float count(const Kernel& kernel) {
    return float(kernel.shape.images * kernel.shape.pixels);
  }
  RC_INLINE V operator()(const V& away) const { return fma(slope, away, offset); }  // away: x - mean
};

}  // namespace rc
