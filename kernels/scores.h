// Scores of embeddings against the centre of natural faces.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// distance = 1 - z . c, in [0, 2]: 0 at the centre. The hardness that mining sorts by, and a score of
// evaluation. Reads rows * dim + dim, writes rows elements; 2 rows * dim FLOPs.
struct RealDistance {
  const float* z;       // [rows, dim] unit rows
  const float* centre;  // [dim]
  float* distance;      // [rows]
  int64_t rows, dim;

  Grid grid() const { return {.blocks = rows, .lanes = 128}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
