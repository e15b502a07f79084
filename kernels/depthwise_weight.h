// The gradient of a depthwise convolution's filter: sums of every band of rows, then theirs. float whatever T
// is, and the same bits for any threads: the shape alone fixes who adds what, and in which order.
#pragma once

#include "kernels/depthwise.h"

namespace rc {

// partial[band][r][s] = the sum of x (or relu(x), or relu(norm(x))) at (p * stride - pad + r, q * stride -
// pad + s) times dy(p, q) over the band's rows p, as four chains of fma that take turns of about 64 pixels.
// Reads in() and out(), writes filter_size() floats a band; flops(), and 4 for each element of x that passes
// a norm.
template <class T>
struct DepthwiseWeightPartial {
  static constexpr int kChains = 4, kTurnPixels = 64;

  const T *x, *dy;  // in(), out()
  float* partial;   // [bands, size, size, C]
  Depthwise conv;
  NormBefore norm = {};

  static constexpr int kLanes = 160;
  Grid grid() const {  // a lane for each chain, row of the filter and 8 channels of a tile
    return {.blocks = bands_out(conv).blocks(),
            .lanes = int(kChains * conv.size * kTileChannels / 8),
            .shared = size_t(kChains * conv.size * conv.size * kTileChannels) * sizeof(float)};
  }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dw[c][r][s] = the sum of the bands' sums, in double: eight sums of every eighth band, then theirs. Reads
// partial once.
struct DepthwiseWeightReduce {
  static constexpr int64_t kParts = 8, kChannels = 32;  // that a block adds up, of one tap

  const float* partial;  // [bands, size, size, C]
  float* dw;             // [C, size, size, 1]
  int64_t bands, channels, size;

  static constexpr int kLanes = int(kParts * kChannels);
  static constexpr size_t kShared = kParts * kChannels * sizeof(double);
  Grid grid() const { return {.blocks = size * size * ((channels + kChannels - 1) / kChannels)}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
