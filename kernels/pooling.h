// Max pooling and sums over the pixels of an image, over activations of any storage.
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"
#include "kernels/channels.h"
#include "kernels/norm_before.h"
#include "kernels/tile.h"

namespace rc {

// Sizes of a pooling: output(h, w) looks at rows h * stride - pad .. + kernel - 1, what lies outside left
// out. kernel <= 16 and pad <= kernel / 2, so that every window holds a pixel and its places fit a byte.
struct Pooling {
  int64_t images, height, width, channels, block;  // of the input; block as in Channels
  int64_t kernel, stride, pad;

  RC_INLINE int64_t out_height() const { return (height + 2 * pad - kernel) / stride + 1; }
  RC_INLINE int64_t out_width() const { return (width + 2 * pad - kernel) / stride + 1; }
  RC_INLINE Channels in() const { return {images, height * width, channels, block}; }
  RC_INLINE Channels out() const { return {images, out_height() * out_width(), channels, block}; }
};

// y = the greatest of each window; argmax = its place row * kernel + column in the window, the first among
// equals. A NaN in the window is the greatest. Reads in, writes out() elements and, if argmax is wanted, as
// many bytes; kernel^2 comparisons each.
template <class T>
struct MaxPool {
  const T* x;       // in()
  T* y;             // out()
  uint8_t* argmax;  // out(), or null where no gradient will follow
  Pooling pool;
  bool past_caches = false;  // y is larger than they are

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(pool.out()); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// The same of what a norm makes of x, and then its positive part with `relu`, which comes after the choice:
// where all of a window are negative, no gradient passes. 3 FLOPs more for each that is looked at.
template <class T>
struct MaxPoolOfNorm {
  const T* x;       // in()
  T* y;             // out()
  uint8_t* argmax;  // out()
  Pooling pool;
  NormBefore norm;
  bool relu = false, past_caches = false;

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(pool.out()); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dx = the sum of dy over the windows that chose this pixel: gathered, window by window in order.
template <class T>
struct MaxPoolBackward {
  const T* dy;            // out()
  const uint8_t* argmax;  // out()
  T* dx;                  // in()
  Pooling pool;
  bool past_caches = false;  // dx is larger than they are

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(pool.in()); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// out[n][c] = scale * the sum of x[n][p][c] over p, P at least 1: scale = 1 / P is global average pooling;
// {1, R, C, C} and scale = 1 are the column sums of a matrix, a bias's gradient. Reads size() elements; one
// FLOP each.
template <class T>
struct SumPixels {
  const T* x;  // [N, P, C]
  float* out;  // [N, C]
  Channels shape;
  float scale;

  static constexpr int kLanes = 128;
  static constexpr size_t kShared = kPixelSumsShared;
  Grid grid() const { return pixel_sums_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dx[n][p][c] = scale * dy[n][c], the gradient of SumPixels. Writes size() elements.
template <class T>
struct SpreadPixels {
  const float* dy;  // [N, C]
  T* dx;            // [N, P, C]
  Channels shape;
  float scale;

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
