// What a block of the depthwise kernels works on, and where it lies. Included by their bodies alone.
#pragma once

#include "kernels/affine.h"
#include "kernels/depthwise.h"
#include "kernels/math.h"
#include "kernels/registers.h"
#include "kernels/runs.h"

namespace rc {

// The rows and channels of a block. Bands of the same channels are neighbours where channels lie in blocks,
// tiles of the same band where they do not: the order of memory.
struct Slab {
  int32_t band, row, rows;  // row: the first
  int64_t channel, width;   // channel: the first

  RC_INLINE Slab(const Bands& bands, int64_t index) {
    const int64_t across = tiles_per_block(bands.shape), column = index / across / bands.count();
    const int64_t inside = index % across * kTileChannels;
    band = int32_t(index / across % bands.count());
    row = int32_t(band * bands.each);
    rows = int32_t(min(bands.each, bands.rows - row));
    channel = column * bands.shape.block + inside;
    width = min(kTileChannels, bands.shape.block - inside);
  }
};

// Where an activation's rows lie, for a slab's channels. Copied from the kernel, whose members the compiler
// would read again after each store.
struct Rows {
  int32_t height, width;
  int64_t first, image, line, pixel;  // offset of the slab's first channel; steps

  RC_INLINE Rows(const Channels& shape, int64_t rows, int64_t columns, int64_t channel)
      : height(int32_t(rows)),
        width(int32_t(columns)),
        first(shape.at(0, 0, channel)),
        image(shape.image_stride()),
        line(columns * shape.pixel_stride()),
        pixel(shape.pixel_stride()) {}
  RC_INLINE int64_t at(int32_t n, int32_t h, int64_t channel) const {
    return first + n * image + h * line + channel;
  }
};
RC_INLINE Rows rows_in(const Depthwise& conv, const Slab& slab) {
  return {conv.in(), conv.height, conv.width, slab.channel};
}
RC_INLINE Rows rows_out(const Depthwise& conv, const Slab& slab) {
  return {conv.out(), conv.out_height(), conv.out_width(), slab.channel};
}

// Whether a lane takes rows from end to end, as the one lane of the CPU does, and so knows what it will read.
template <class Block>
inline constexpr bool kWholeRows = kVectorFloats<Block> > 0;

// Vector registers for a group's channels: two where there are 32 of them and bf16, since a line of memory
// fills two with fewer instructions than two halves do. Where pixels are no whole lines, forward and dx
// take one all the same: what they read and write would lie across lines.
template <class T, class Block>
inline constexpr int kGroupRegisters = sizeof(T) == 2 && kVectorFloats<Block> >= 16 ? 2 : 1;
// Whether pixels are, where activations begin with a line.
template <class T>
RC_INLINE bool pixels_are_lines(const Rows& rows) {
  return rows.pixel * sizeof(T) % 64 == 0;
}

// How many columns of y before their turn the CPU asks for memory, in the order of memory: of the next rows
// where they are short.
inline constexpr int kAhead = 64;

RC_INLINE bool within(int32_t i, int32_t n) { return uint32_t(i) < uint32_t(n); }

// What x passes on its way from memory into the sums. Padding stays zero.
enum Before : int { kNothing, kRelu, kNorm };  // kNorm: a norm, then a ReLU

// Calls body with the filter's size and stride, and whether x passes a ReLU, as constants.
template <class Body>
RC_INLINE void with_geometry(const Depthwise& conv, Body body) {
  if (conv.relu) {
    body(Constant<3>(), Constant<1>(), Constant<kRelu>());
  } else if (conv.size == 3) {
    conv.stride == 1 ? body(Constant<3>(), Constant<1>(), Constant<kNothing>())
                     : body(Constant<3>(), Constant<2>(), Constant<kNothing>());
  } else {
    conv.stride == 1 ? body(Constant<5>(), Constant<1>(), Constant<kNothing>())
                     : body(Constant<5>(), Constant<2>(), Constant<kNothing>());
  }
}

// Reads x, of a few channels, as it is convolved; NaN stays NaN.
template <int before, class W>
struct Input {
  template <class Kernel>
  RC_INLINE Input(W, const Kernel&, int64_t) {}
  template <class T>
  RC_INLINE typename W::Type operator()(const T* p) const {
    const auto v = read_once(W(), p);
    if constexpr (before == kRelu) return at_least(v, W::of(0));
    return v;
  }
};
template <class W>
struct Input<kNorm, W> {
  ChannelAffine<W> affine;

  template <class Kernel>
  RC_INLINE Input(W width, const Kernel& kernel, int64_t channel) : affine(width, kernel.norm, channel) {}
  template <class T>
  RC_INLINE typename W::Type operator()(const T* p) const {
    return at_least(affine(read_once(W(), p)), W::of(0));
  }
};

}  // namespace rc
