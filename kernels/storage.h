// From one storage of an activation to another: the same values, channels side by side in blocks of another
// size.
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"
#include "kernels/channels.h"

namespace rc {

inline constexpr int64_t kStoragePixels = 64;  // of one image, that a block handles

// Reads and writes size() elements. Not in place.
template <class T>
struct ConvertStorage {
  const T* x;
  T* y;
  Channels from;
  int64_t out_block;  // of y's Channels; divides C

  Grid grid() const {
    return {.blocks = from.images * ((from.pixels + kStoragePixels - 1) / kStoragePixels)};
  }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
