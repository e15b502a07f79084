// Dropping at random, from counter-based numbers: what is dropped depends on (seed, step, place) alone.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// out = x / (1 - rate) at places that are kept, each with probability 1 - rate, else 0 (Srivastava et al.,
// JMLR 2014). Linear in x: the same kernel takes the gradient of out to that of x. Without x, the factors
// themselves. May overwrite x. Reads and writes n floats; four neighbours share a stream.
struct Dropout {
  const float* x;        // [n], or null: ones
  const uint32_t* step;  // [1] of training
  float* out;            // [n]
  int64_t n;
  float rate;  // 0 <= rate < 1
  uint64_t seed;

  static constexpr int64_t kStreams = 256;  // of a block
  static constexpr int kLanes = int(kStreams);
  Grid grid() const { return {.blocks = (n + 4 * kStreams - 1) / (4 * kStreams)}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
