// Draws: what each synthetic key is a mix of (synthesis.h), from counter-based random numbers, one stream per
// (seed, step, kind of key, place among its kind). So a key's draws do not depend on which other keys there
// are; its weight does not even depend on the rows that were mined.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// Extrapolations (Zhu et al., ICCV 2021): x = marginal[k], y = centre, weight = 1 + Beta(2, 2) in (1, 2) for
// reals, away from the centre, and 1 - Beta(2, 2) / 2 in (1/2, 1) for fakes, towards it. One lane a key.
struct DrawExtrapolations {
  const int32_t* marginal;  // [reals + fakes] rows or -1 (mining.h): reals, then fakes
  const float* scalars;     // kHardPositives: 0 off, 1 on; off, all keys are kUnused
  const uint32_t* step;     // [1] of training, part of the random stream
  int32_t* rows;            // [reals + fakes, 2] x, y
  float* weight;            // [reals + fakes]
  int64_t reals, fakes;
  uint64_t seed;

  RC_INLINE int64_t keys() const { return reals + fakes; }
  static constexpr int kLanes = 64;
  Grid grid() const { return {.blocks = keys() > 0 ? 1 : 0}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Fusions (MoCHi, Kalantidis et al., NeurIPS 2020) of the hard rows of one or more sets. Each set in turn has
//   `pairs` keys:        x, y two of its rows, weight = U(0, 1)
//   `with_centre` keys:  x one of its rows if that is a fake, y = centre, weight = 1 - U(0, 1/2)
// and the last set may be cut short. Keys without rows to mix (two for a pair) are kUnused. One lane a key.
struct DrawFusions {
  const int32_t* hard;   // [sets, set_rows] rows, -1 behind the last
  const int32_t* label;  // [batch]; from `batch` on rows are fakes
  const float* scalars;  // kHardNegatives: 0 off, 1 on; off, all keys are kUnused
  const uint32_t* step;  // [1]
  int32_t* rows;         // [keys, 2] x, y
  float* weight;         // [keys]
  int32_t* owner;        // [keys] the key's set, which is that of one row of the batch; or null
  int64_t batch, set_rows, pairs, with_centre;
  int64_t keys;
  uint64_t seed;

  static constexpr int64_t kKeys = 64;  // of a block
  static constexpr int kLanes = int(kKeys);
  Grid grid() const { return {.blocks = (keys + kKeys - 1) / kKeys}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
