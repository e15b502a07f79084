// Squeeze and excitation (Hu et al., CVPR 2018): each channel of each image is scaled by a gate that was
// computed from the image's means over pixels (SumPixels, pooling.h). Gates and their gradients are float.
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"
#include "kernels/channels.h"
#include "kernels/tile.h"

namespace rc {

// y[n][p][c] = x[n][p][c] * gate[n][c]. y may overwrite x. Reads and writes size() elements; one FLOP each.
template <class T>
struct ScaleChannels {
  const T* x;         // [N, P, C]
  const float* gate;  // [N, C]
  T* y;               // [N, P, C]
  Channels shape;

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dgate[n][c] = the sum of dy[n][p][c] * x[n][p][c] over p. Reads 2 * size() elements; two FLOPs each.
template <class T>
struct GateGradient {
  const T *x, *dy;  // [N, P, C]
  float* dgate;     // [N, C]
  Channels shape;

  static constexpr int kLanes = 128;
  static constexpr size_t kShared = kPixelSumsShared;
  Grid grid() const { return pixel_sums_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dx[n][p][c] = dy[n][p][c] * gate[n][c] + dmean[n][c] / P: both ways to x, by what is scaled and by the mean
// that the gate comes from. dx may overwrite dy. Reads and writes size() elements; two FLOPs each.
template <class T>
struct ScaleChannelsBackward {
  const T* dy;                // [N, P, C]
  const float *gate, *dmean;  // [N, C]
  T* dx;                      // [N, P, C]
  Channels shape;

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
