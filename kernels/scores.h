// Scores of embeddings against the centres of natural faces.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// Which centre a row belongs to, and distance = 1 - z . c to that one, in [0, 2]: 0 at the centre. It is the
// nearest centre, the lower of equals; or, for view_rows > 0, that of the row's view, i / view_rows for row
// i. The distance is the hardness that mining sorts by, and a score of evaluation. Reads rows * dim + centres
// * dim, writes 2 rows elements; 2 rows * centres * dim FLOPs. One block a row.
struct RealDistance {
  const float* z;       // [rows, dim] unit rows
  const float* centre;  // [centres, dim]
  float* distance;      // [rows]
  int64_t rows, dim;
  int64_t centres = 1;
  int32_t* centre_of = nullptr;  // [rows] which centre, where that is wanted
  int64_t view_rows = 0;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = rows}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
