// Squeeze and excitation (Hu et al., CVPR 2018): each channel of each image is scaled by a gate that was
// computed from the image's means over pixels (SumPixels, pooling.h), in float. Training has it in one with
// the norm before it (gated_norm.h).
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

}  // namespace rc
