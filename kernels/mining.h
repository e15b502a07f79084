// Mining: which rows are hard. Marginal reals lie far from their centre of natural faces, marginal and hard
// fakes near theirs (reconstruction). How many rows of a class there are is known on the device alone, so
// outputs have the capacity of the worst case and say -1 where nothing is.
//
// Rows are picked best first, ties to the lower row, by one pass over the candidates a pick. From `rows` on a
// row is a place of the queue of fakes (queue.h), of which the first *queued are filled.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// ceil(share * rows): how many rows of a class are mined.
RC_INLINE int64_t marginal_count(float share, int64_t rows) {
  const float exact = share * float(rows);
  const int64_t below = int64_t(exact);
  return below + (float(below) < exact);
}

// A distance beyond any: the mean distance of the fakes of a batch without fakes.
inline constexpr float kNoFake = 4;

// The mean distance of a batch's fakes, which the guard of extrapolated reals asks for. One block. Reads 2
// rows elements.
struct FakeDistance {
  const float* distance;  // [rows] 1 - z . c
  const int32_t* label;   // [rows] 0 real, 1 fake
  float* mean;            // [1] kNoFake without any
  int64_t rows;

  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// The marginal_count(share, |class|) rows of one class, of the queue too where there is one, that are
// farthest from their centre, or nearest to it. One block. Reads 2 (rows + queued) elements a pick, from
// cache.
struct MineRows {
  const float* distance;  // [rows] 1 - z . c
  const int32_t* label;   // [rows] 0 real, 1 fake
  int32_t* picked;        // [capacity] rows, or -1
  int64_t rows, capacity;
  int32_t of;     // label of the class
  bool farthest;  // else nearest
  float share = 1;
  const float* queue_distance = nullptr;  // [queue] of fakes
  const int32_t* queued = nullptr;        // [1]; null: no queue

  Grid grid() const { return {.blocks = capacity > 0 ? 1 : 0}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Of each row its most similar rows of the other class: of a real, fakes of the batch and of the queue; of a
// fake, reals, or none. One block a row. Reads 2 (rows + queued) elements a pick, from cache.
struct MineNeighbours {
  const float* similarity;  // [rows, rows] z_i . z_n
  const int32_t* label;     // [rows] 0 real, 1 fake
  int32_t* picked;          // [rows, capacity] rows, or -1
  int64_t rows, capacity;
  bool for_fakes;                           // fakes have neighbours too
  const float* queue_similarity = nullptr;  // [rows, queue]
  const int32_t* queued = nullptr;          // [1]; null: no queue
  int64_t queue = 0;

  Grid grid() const { return {.blocks = capacity > 0 ? rows : 0}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
