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

// How lanes other than the CPU's share out items by groups of neighbouring channels, of 16 bytes each where
// pixels are whole numbers of that apart: a lane has the items of its slot, and always the same channels.
template <class T>
struct LaneGroups {
  static constexpr int together = 16 / sizeof(T);
  bool packed;
  int64_t groups, slots;
  int64_t slot, first, step;  // items slot, slot + slots, ..., none beyond slots; groups first, first + step

  template <class Block>
  RC_INLINE LaneGroups(const Block& block, int64_t channels, int64_t stride)
      : packed(stride % together == 0),
        groups(packed ? channels / together : channels),
        slots(block.lanes() < groups ? 1 : block.lanes() / groups),
        slot(block.lane() / groups),
        first(block.lane() % groups),
        step(block.lanes()) {}
};

// Calls visit(width, item, channel) for every item, 0 to items - 1, and every few neighbours among `channels`
// that lie side by side, `stride` elements from pixel to pixel: on the CPU at most `registers` vectors of
// them, elsewhere 16 bytes. T is the type that is read and written. A lane gets the same whenever it asks.
template <class T, int registers, class Block, class Visit>
RC_INLINE void each_group(const Block& block, int64_t items, int64_t channels, int64_t stride, Visit visit) {
  if constexpr (constexpr int full = kVectorFloats<Block>; full > 0) {
    using Full = typename Vector<full>::Float;
    using Half = typename Vector<(full > 8 ? 8 : full)>::Float;
    constexpr Order order = std::is_same_v<T, Bf16> ? Order::paired : Order::plain;
    for (int64_t i = 0; i < items; ++i) {
      int64_t c = 0;
      if constexpr (registers * full >= 64)
        for (; c + 64 <= channels; c += 64) visit(Width<Full, 64 / full, order>(), i, c);
      if constexpr (registers * full >= 32 && order == Order::paired)
        for (; c + 32 <= channels; c += 32) visit(Width<Full, 32 / full, order>(), i, c);
      if constexpr (registers * full >= 16)
        for (; c + 16 <= channels; c += 16) visit(Width<Full, 16 / full>(), i, c);
      for (; c + 8 <= channels; c += 8) visit(Width<Half, 1>(), i, c);
      for (; c < channels; ++c) visit(Width<float, 1>(), i, c);
    }
  } else {
    const LaneGroups<T> own(block, channels, stride);
    constexpr int n = LaneGroups<T>::together;
    const auto each = [&](auto width) RC_WRITTEN_OUT {
      for (int64_t i = own.slot; own.slot < own.slots && i < items; i += own.slots)
        for (int64_t g = own.first; g < own.groups; g += own.step) visit(width, i, g * width.size);
    };
    own.packed ? each(Width<float, n, Order::packed>()) : each(Width<float, 1>());
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
  if constexpr (W::size >= line) expect<W::size / line>(p, line);
}

}  // namespace rc
