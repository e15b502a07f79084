// Centres of natural faces: moving averages of the real embeddings, kept on the unit sphere (reconstruction;
// the rate of DCL, Sun et al., AAAI 2022). No gradient flows through them.
//
// A step gives each real to a centre (scores.h), sums the reals of each (SumReals) and moves the centres
// (MoveCentres). Workers that share a batch add up sums and counts between the two, and take the seeds of
// the first worker.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// A mean shorter than this has no reliable direction: the centre stays as it is.
inline constexpr float kShortestMean = 1e-3f;

// Gives centres that have not started a place among the reals of a batch, farthest first: the direction of
// the reals' mean if no centre has started, then one after the other the real that is farthest from its
// nearest centre so far, the lowest row of equals (also in place of a mean that is too short). Without reals
// nothing changes. A seed is where rows are given to centres for the first time; the centre starts with their
// mean. One block, rows over lanes; 2 rows * centres * dim FLOPs while a centre waits for its start.
struct SeedCentres {
  const float* z;          // [rows, dim] unit rows
  const int32_t* label;    // [rows] 0 real, 1 fake
  const int32_t* started;  // [centres]
  float* centre;           // [centres, dim] in place
  float* nearest;          // [rows] scratch: each real's distance to its nearest centre so far
  int64_t rows, dim, centres;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Sum and number of the real rows of each centre. One block a centre, columns over lanes. Reads rows * dim
// (each row once), writes centres * (dim + 1) elements; rows * dim FLOPs.
struct SumReals {
  const float* z;            // [rows, dim] unit rows
  const int32_t* label;      // [rows] 0 real, 1 fake
  const int32_t* centre_of;  // [rows], or null: all belong to the first
  float* sum;                // [centres, dim]
  float* count;              // [centres]
  int64_t rows, dim, centres = 1;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = centres}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// c <- unit(keep * c + (1 - keep) * mean of its reals), or unit(mean) the first time. A centre without reals,
// or with a mean too short, stays as it is. One block a centre, columns over lanes. Reads 2 n, writes n
// elements (n = centres * dim); 8 n FLOPs.
struct MoveCentres {
  const float* sum;    // [centres, dim] of SumReals
  const float* count;  // [centres]
  float* centre;       // [centres, dim] in place
  int32_t* started;    // [centres] 0 until the first move, then 1
  int64_t dim, centres = 1;
  float keep = 0.9f;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = centres, .shared = size_t(dim) * sizeof(float)}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
