// Elementwise kernels over flat arrays: no layout, any number of elements.
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"

namespace rc {

// Elements that one block handles: a fixed geometry, whatever the device.
inline constexpr int64_t kElementsPerBlock = 16384;
inline Grid flat_grid(int64_t n) { return {.blocks = (n + kElementsPerBlock - 1) / kElementsPerBlock}; }

// out = a + b. May overwrite a or b. Reads 2n, writes n elements; n FLOPs.
template <class T>
struct Add {
  const T *a, *b;  // [n]
  T* out;          // [n]
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
