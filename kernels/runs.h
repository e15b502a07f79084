// How the lanes of a block walk a tile of an activation: each takes runs of pixels, for a few neighbouring
// channels at once.
#pragma once

#include <type_traits>

#include "engine/block.h"
#include "kernels/tile.h"
#include "kernels/values.h"

namespace rc {

struct Run {
  int64_t index;    // of the run in its tile
  int64_t channel;  // first channel, counted in the tile
  int64_t begin;    // offset in memory of the first pixel's first channel
  int64_t pixels;
};

// Floats of a vector register, where a block is one lane of the CPU; else 0.
template <class Block>
inline constexpr int kVectorFloats = 0;
template <template <Target> class OneLane, Target target>
inline constexpr int kVectorFloats<OneLane<target>> = target == Target::avx512 ? 16 : 8;

// Calls visit(width, run) for every run of the tile. T is the type that is read and written.
template <class T, class Block, class Visit>
RC_INLINE void each_run(const Block& block, const Tile& tile, Visit visit) {
  const auto run = [&](int64_t index, int64_t channel) {
    return Run{index, channel, tile.begin + index * kRunPixels * tile.stride + channel,
               tile.run_pixels(index)};
  };
  const int64_t runs = tile.runs();
  if constexpr (constexpr int full = kVectorFloats<Block>; full > 0) {
    using Full = typename Vector<full>::Float;
    using Half = typename Vector<(full > 8 ? 8 : full)>::Float;
    for (int64_t i = 0; i < runs; ++i) {
      int64_t c = 0;
      for (; c + 64 <= tile.width; c += 64) visit(Width<Full, 64 / full>(), run(i, c));
      for (; c + 16 <= tile.width; c += 16) visit(Width<Full, 16 / full>(), run(i, c));
      for (; c + 8 <= tile.width; c += 8) visit(Width<Half, 1>(), run(i, c));
      for (; c < tile.width; ++c) visit(Width<float, 1>(), run(i, c));
    }
  } else {
    constexpr int n = 16 / sizeof(T);
    if (tile.stride % n == 0) {
      const int64_t groups = tile.width / n;
      for (int64_t i = block.lane(); i < runs * groups; i += block.lanes())
        visit(Width<float, n, true>(), run(i / groups, i % groups * n));
    } else {
      for (int64_t i = block.lane(); i < runs * tile.width; i += block.lanes())
        visit(Width<float, 1>(), run(i / tile.width, i % tile.width));
    }
  }
}

}  // namespace rc
