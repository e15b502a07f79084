// How the lanes of a block walk a tile of an activation: each takes runs of pixels, for a few neighbouring
// channels at once.
#pragma once

#include <type_traits>

#include "engine/block.h"
#include "kernels/registers.h"
#include "kernels/tile.h"
#include "kernels/width.h"

namespace rc {

struct Run {
  int64_t index;    // of the run in its tile
  int64_t channel;  // first channel, counted in the tile
  int64_t begin;    // offset in memory of the first pixel's first channel
  int64_t pixels;
  int64_t ahead;  // offset of what to expect at the first pixel; tile.width further at each other
};

// Floats of a vector register, where a block is one lane of the CPU; else 0.
template <class Block>
inline constexpr int kVectorFloats = 0;
template <template <Target> class OneLane, Target target>
inline constexpr int kVectorFloats<OneLane<target>> = target == Target::avx512 ? 16 : 8;

// Into how many groups, of 16 bytes where pixels are whole numbers of that apart, lanes other than the CPU's
// share out channels.
template <class T>
RC_INLINE int64_t groups_of(int64_t channels, int64_t stride) {
  constexpr int64_t n = 16 / sizeof(T);
  return stride % n == 0 ? channels / n : channels;
}

// Calls visit(width, item, channel) for every item, 0 to items - 1, and every few neighbours among `channels`
// that lie side by side, `stride` elements from pixel to pixel: on the CPU at most `registers` vectors of
// them, one if they are not to be `wide`, elsewhere 16 bytes. T is the type that is read and written. A lane
// gets the same whenever it asks; where it `keeps` its channels, lane l always those of group l %
// groups_of().
template <class T, int registers, bool keeps = false, class Block, class Visit>
RC_INLINE void each_group(const Block& block, int64_t items, int64_t channels, int64_t stride, Visit visit,
                          bool wide = true) {
  if constexpr (constexpr int full = kVectorFloats<Block>; full > 0) {
    using Full = typename Vector<full>::Float;
    using Half = typename Vector<(full > 8 ? 8 : full)>::Float;
    constexpr Order order = std::is_same_v<T, Bf16> ? Order::paired : Order::plain;
    for (int64_t i = 0; i < items; ++i) {
      int64_t c = 0;
      if constexpr (registers * full >= 64)
        for (; wide && c + 64 <= channels; c += 64) visit(Width<Full, 64 / full, order>(), i, c);
      if constexpr (registers * full >= 32 && order == Order::paired)
        for (; wide && c + 32 <= channels; c += 32) visit(Width<Full, 32 / full, order>(), i, c);
      if constexpr (registers * full >= 16)
        for (; c + 16 <= channels; c += 16) visit(Width<Full, 16 / full>(), i, c);
      for (; c + 8 <= channels; c += 8) visit(Width<Half, 1>(), i, c);
      for (; c < channels; ++c) visit(Width<float, 1>(), i, c);
    }
  } else {
    constexpr int n = 16 / sizeof(T);
    const int64_t groups = groups_of<T>(channels, stride), all = items * groups;
    int64_t lane = block.lane(), lanes = block.lanes();
    if constexpr (keeps) {  // those that are left over have none; where groups outnumber lanes, one has all
      lanes = lanes < groups ? 1 : lanes / groups * groups;
      if (lane >= lanes) return;
    }
    if (stride % n == 0) {
      for (int64_t i = lane; i < all; i += lanes)
        visit(Width<float, n, Order::packed>(), i / groups, i % groups * n);
    } else {
      for (int64_t i = lane; i < all; i += lanes) visit(Width<float, 1>(), i / groups, i % groups);
    }
  }
}

// Calls visit(width, run) for every run of the tile, with so many registers of the CPU for each value.
template <class T, int registers = 8, class Block, class Visit>
RC_INLINE void each_run(const Block& block, const Tile& tile, Visit visit) {
  const auto visit_run = [&](auto width, int64_t index, int64_t c) RC_WRITTEN_OUT {
    const int64_t first = index * kRunPixels;
    visit(width, Run{index, c, tile.begin + first * tile.stride + c, tile.run_pixels(index),
                     tile.ahead + first * tile.width + c});
  };
  each_group<T, registers>(block, tile.runs(), tile.width, tile.stride, visit_run);
}

// Asks for what will be read after this (Run::ahead), where that is whole cache lines. Tiles that take short
// pieces of every pixel ask for the tiles behind them, each for its share of that memory in order: piece by
// piece it comes half as fast.
template <class W, class T>
RC_INLINE void expect_ahead(W, const T* p) {
  constexpr int line = 64 / int(sizeof(T));
  if constexpr (W::size >= line) expect<W::size / line>(Width<float, 1>(), p, line);
}

}  // namespace rc
