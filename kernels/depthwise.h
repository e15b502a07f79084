// Depthwise convolution: each channel by a filter of its own, 3x3 or 5x5, over activations of any storage.
// Sums are fp32 whatever T is, and each result is one chain of fma over the filter's rows, then columns. The
// gradient of the filter is in depthwise_weight.h.
#pragma once

#include <cstdint>

#include "engine/activation.h"
#include "engine/dtype.h"
#include "engine/launch.h"
#include "kernels/channels.h"
#include "kernels/norm_before.h"
#include "kernels/tile.h"

namespace rc {

// Sizes: y(p, q) is the sum over r, s < size of x(p * stride - pad + r, q * stride - pad + s) * w(r, s), what
// lies outside left out. size is 3 or 5, stride 1 or 2, pad >= 0, the filter no larger than the padded image.
struct Depthwise {
  int64_t images, height, width, channels, block;  // of x; block as in Channels
  int64_t size, stride, pad;
  bool relu = false;  // relu(x) is convolved, for size 3 and stride 1 alone; x is what is stored

  RC_INLINE int64_t out_height() const { return (height + 2 * pad - size) / stride + 1; }
  RC_INLINE int64_t out_width() const { return (width + 2 * pad - size) / stride + 1; }
  RC_INLINE Channels in() const { return {images, height * width, channels, block}; }
  RC_INLINE Channels out() const { return {images, out_height() * out_width(), channels, block}; }
  RC_INLINE int64_t filter_size() const { return size * size * channels; }
  double flops() const { return 2.0 * double(size * size * out().size()); }  // of each direction
};

// How the work is cut: a block takes a band of neighbouring rows, counted over all images, by at most
// kTileChannels channels that lie side by side.
struct Bands {
  Channels shape;
  int64_t rows, each;  // of all images; of a band, the last may have fewer

  // About 512 pixels: enough to pay for a block, few enough for many blocks. At least four rows, which share
  // what they read.
  RC_INLINE Bands(const Channels& activation, int64_t height, int64_t width)
      : shape(activation), rows(activation.images * height), each(width < 128 ? 512 / width : 4) {}
  RC_INLINE int64_t count() const { return (rows + each - 1) / each; }
  RC_INLINE int64_t blocks() const { return tiles_across(shape) * count(); }
};
// A band's pixels as a chunk, whichever images they are of.
RC_INLINE Chunks chunks_of(const Bands& bands, int64_t width) {
  return {1, bands.rows * width, bands.each * width};
}
RC_INLINE Bands bands_in(const Depthwise& conv) { return {conv.in(), conv.height, conv.width}; }
RC_INLINE Bands bands_out(const Depthwise& conv) { return {conv.out(), conv.out_height(), conv.out_width()}; }

// taps[r][s][c] = w[c][r][s]: the order in which the kernels below read a filter, channels side by side.
struct FilterByTaps {
  const float* w;  // [C, size, size, 1]
  float* taps;     // [size, size, C]
  int64_t channels, size;

  static constexpr int kLanes = int(kTileChannels);
  Grid grid() const { return {.blocks = (channels + kTileChannels - 1) / kTileChannels}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// y = x * w, or relu(x) * w, or, for size 3 and stride 1, relu(norm(x)) * w; with a bias, as a norm folded
// into the filter leaves one, activation(x * w + bias), none, ReLU or SiLU. Reads in(), writes out()
// elements; flops(), and 4 for each element of x where that passes a norm.
template <class T>
struct DepthwiseForward {
  const T* x;         // in()
  const float* taps;  // [size, size, C]
  T* y;               // out()
  Depthwise conv;
  const float* bias = nullptr;  // [C] or null
  Activation activation = Activation::none;
  bool past_caches = false;  // y is larger than they are
  NormBefore norm = {};      // and then a ReLU, for size 3 and stride 1 alone

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = bands_out(conv).blocks()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// y = x * w, and of every band the mean and the sum of squared deviations of its results, before they are
// rounded to T: what BatchNormStatistics joins, without reading y. Reads in(), writes out() elements;
// flops(), and 4 for each result.
template <class T>
struct DepthwiseWithMoments {
  const T* x;              // in()
  const float* taps;       // [size, size, C]
  T* y;                    // out()
  float *mean, *deviance;  // [bands_out(conv).count(), C] each
  Depthwise conv;          // without relu
  bool past_caches = false;

  static constexpr int kLanes = 128;
  static constexpr int64_t kHeld = kLanes * 16 / int64_t(sizeof(T));  // values of each sort, by all lanes
  static constexpr size_t kShared = 3 * kHeld * sizeof(float);
  Grid grid() const { return {.blocks = bands_out(conv).blocks()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dx(h, w) = the sum of dy(p, q) * w(r, s) over all p * stride - pad + r = h and q * stride - pad + s = w,
// and 0 where x <= 0 if relu(x) was convolved. Reads out() (and in()), writes in() elements; flops().
template <class T>
struct DepthwiseDataGradient {
  const T* dy;        // out()
  const float* taps;  // [size, size, C]
  T* dx;              // in()
  Depthwise conv;
  const T* x = nullptr;      // in(), where conv.relu
  bool past_caches = false;  // dx is larger than they are

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = bands_in(conv).blocks()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
