// Images as the loader gives them, bytes of RGB, to normalised activations.
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"

namespace rc {

// out = (rgb / 255 - mean) / std per colour; an image whose flip is set is mirrored left to right.
// Reads 3 bytes and writes 3 elements a pixel.
template <class T>
struct NormaliseImages {
  const uint8_t* rgb;   // [N, H, W, 3]
  const uint8_t* flip;  // [N], 0 or 1; null: none is mirrored
  T* out;               // [N, H * W, 3], stored by blocks of out_block
  float mean[3], std[3];
  int64_t images, height, width;
  int64_t out_block;  // of Channels: 1 planar, 3 NHWC

  Grid grid() const { return {.blocks = images * height}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
