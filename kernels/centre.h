// The centre of natural faces: a moving average of the real embeddings, kept on the unit sphere
// (reconstruction; the rate of DCL, Sun et al., AAAI 2022). No gradient flows through it.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// A mean shorter than this has no reliable direction: the centre stays as it is.
inline constexpr float kShortestMean = 1e-3f;

// c <- unit(keep * c + (1 - keep) * mean of the real rows), or unit(mean) the first time. Without real rows c
// stays as it is. Reads rows * dim + dim, writes dim elements; 2 rows * dim FLOPs. One block, columns over
// lanes.
struct UpdateCentre {
  const float* z;        // [rows, dim] unit rows
  const int32_t* label;  // [rows] 0 real, 1 fake
  float* centre;         // [dim] in place
  int32_t* started;      // [1] 0 until the first update, then 1
  int64_t rows, dim;
  float keep = 0.9f;

  Grid grid() const { return {.blocks = 1, .lanes = 128, .shared = size_t(dim) * sizeof(float)}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
