// Mining: which rows of the batch are hard. Marginal reals lie far from the centre of natural faces, hard
// fakes near it (reconstruction). How many reals there are is known on the device alone, so outputs have the
// capacity of the worst case and say -1 where nothing is.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// ceil(share * reals): how many marginal reals are mined.
RC_INLINE int64_t marginal_count(float share, int64_t reals) {
  const float exact = share * float(reals);
  const int64_t below = int64_t(exact);
  return below + (float(below) < exact);
}

// A distance beyond any: the mean distance of the fakes of a batch without fakes.
inline constexpr float kNoFake = 4;

// Picks the marginal_count(share, |R|) reals with the largest distance, farthest first, and the fakes with
// the smallest, nearest first; ties go to the lower row. Reads 2 rows elements; at most rows^2 comparisons.
// One block: each lane ranks its rows.
struct MineHardRows {
  const float* distance;   // [rows] 1 - z . c
  const int32_t* label;    // [rows] 0 real, 1 fake
  int32_t* marginal_real;  // [max_real] rows, or -1
  int32_t* hard_fake;      // [max_fake] rows, or -1
  float* fake_distance;    // [1] mean over the fakes, kNoFake without any
  int64_t rows, max_real, max_fake;
  float share = 0.25f;  // of the reals; max_real = marginal_count(share, rows) holds any batch

  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
