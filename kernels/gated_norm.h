// Batch normalisation with SiLU and the gate of squeeze and excitation (Hu et al., CVPR 2018) behind it, in
// one: y = gate[n][c] silu(z), z = gamma rstd (x - mean) + beta. silu(z) is never in memory: its means over
// pixels, which the gate is made of, y and all gradients are made of x, one pass each. Statistics, gates,
// parameters and their gradients are float whatever T is.
//
// Training: batch_norm.h's Partial and Statistics, then Partial and SumChunks, the gate, Apply. Gradient:
// BackwardPartial and SumChunks, back through the gate, BackwardReduce, BackwardApply.
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"
#include "kernels/channels.h"
#include "kernels/tile.h"

namespace rc {

// Of every chunk of pixels (tile.h): the sum of silu(z). Reads size() elements; 20 FLOPs each.
template <class T>
struct GatedNormPartial {
  const T* x;                               // [N, P, C]
  float* partial;                           // [chunks(shape), C]
  const float *mean, *rstd, *gamma, *beta;  // [C]
  Channels shape;

  static constexpr int kLanes = 128;
  static constexpr size_t kShared = kTileSumsShared<1>;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// sums[i][n][c] = scale times the sum of partial[i] over the chunks of image n, in double. Reads n *
// chunks(shape) * C floats.
struct SumChunks {
  const float* partial;  // [n, chunks(shape), C]
  float* sums;           // [n, N, C]
  Channels shape;
  int64_t n = 1;
  float scale = 1;

  static constexpr int kLanes = int(kTileChannels);
  RC_INLINE int64_t across() const { return (shape.channels + kTileChannels - 1) / kTileChannels; }
  Grid grid() const { return {.blocks = n * shape.images * across()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// y, which may overwrite x. Reads and writes size() elements; 20 FLOPs each.
template <class T>
struct GatedNormApply {
  const T* x;                               // [N, P, C]
  const float* gate;                        // [N, C]
  T* y;                                     // [N, P, C]
  const float *mean, *rstd, *gamma, *beta;  // [C]
  Channels shape;
  bool past_caches = false;  // y is larger than they are

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Of every chunk of pixels, in this order, with s the slope of SiLU at z: the sums of dy silu(z), which is
// the gate's gradient, and of dy s, s, dy s (x - mean) and s (x - mean), of which the gradients of the
// parameters are made whatever comes through the gate. Reads 2 size() elements; 32 FLOPs each.
template <class T>
struct GatedNormBackwardPartial {
  const T *x, *dy;                          // [N, P, C]
  float* partial;                           // [5, chunks(shape), C]
  const float *mean, *rstd, *gamma, *beta;  // [C]
  Channels shape;

  static constexpr int kLanes = 128;
  static constexpr size_t kShared = kTileSumsShared<5>;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// z gets g = (dy gate + dmeans / P) s: by what is scaled, and by the means. dbeta = the sum of g, dgamma =
// rstd times that of g (x - mean), in double.
struct GatedNormBackwardReduce {
  const float* sums;           // [4, N, C]: the last four, of images
  const float *gate, *dmeans;  // [N, C]
  const float* rstd;           // [C]
  float *dgamma, *dbeta;       // [C]
  Channels shape;

  Grid grid() const { return {.blocks = (shape.channels + kTileChannels - 1) / kTileChannels}; }
  static constexpr int kLanes = int(kTileChannels);
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dx = gamma rstd (g - dbeta / M - (x - mean) rstd dgamma / M), M = N P. It may overwrite dy. Reads 2 size()
// elements, writes size(); 26 FLOPs each.
template <class T>
struct GatedNormBackwardApply {
  const T *x, *dy;                          // [N, P, C]
  T* dx;                                    // [N, P, C]
  const float *gate, *dmeans;               // [N, C]
  const float *mean, *rstd, *gamma, *beta;  // [C]
  const float *dgamma, *dbeta;              // [C]
  Channels shape;

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
