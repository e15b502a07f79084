// How an activation [N, P, C] (N images, P = H * W pixels, C channels) lies in memory: `block` channels side
// by side, then pixels, then blocks of channels, then images. block = C is NHWC, 16 is nChw16c, 1 is planar.
// C is a multiple of `block`.
#pragma once

#include <cstdint>

#include "engine/target.h"

namespace rc {

struct Channels {
  int64_t images = 0, pixels = 0, channels = 0, block = 0;

  RC_INLINE int64_t image_stride() const { return pixels * channels; }
  RC_INLINE int64_t block_stride() const { return pixels * block; }
  RC_INLINE int64_t pixel_stride() const { return block; }
  RC_INLINE int64_t at(int64_t n, int64_t p, int64_t c) const {
    return n * image_stride() + c / block * block_stride() + p * block + c % block;
  }
  RC_INLINE int64_t size() const { return images * pixels * channels; }
};

}  // namespace rc
