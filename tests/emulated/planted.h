// Kernels with planted faults, each of which the emulated rung must see. Bodies in planted.cu.
#pragma once

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// y[i] = x[n - 1 - i] through shared memory, without the barrier between.
struct MissingBarrier {
  const float* x;
  float* y;
  int64_t n;
  Grid grid() const { return {.shared = size_t(n) * sizeof(float)}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Half of the lanes wait at a barrier, the others at another one.
struct DivergentBarrier {
  float* y;  // [256]
  Grid grid() const { return {}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// y[i] = x[i] for one element too many.
struct TailByOne {
  const float* x;
  float* y;
  int64_t n;
  Grid grid() const { return {}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// y[i] = a value of shared memory that nobody wrote.
struct UnwrittenShared {
  float* y;
  int64_t n;
  Grid grid() const { return {.shared = size_t(n) * sizeof(float)}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// y[i] = x[i], four at a time wherever x begins.
struct MisalignedLoad {
  const float* x;
  float* y;
  int64_t n;  // a multiple of 4
  Grid grid() const { return {}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Every block adds to the same place.
struct BlocksCollide {
  float* y;
  Grid grid() const { return {.blocks = 4}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// More shared memory than a GPU gives.
struct SharedBeyondLimit {
  float* y;
  Grid grid() const { return {.shared = 300 << 10}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
