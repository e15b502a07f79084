// A product over pixels in registers: what one tile of pixels and output channels does. Included by direct.cc
// and winograd_product.cc alone.
#pragma once

#include <cmath>

#include "engine/host/tiles.h"

namespace rc {

// Of a filter larger than 1x1: the pixels that results are made of, and where results are. At most 64 taps.
struct Windows {
  int64_t height, width, pixel;               // of the image; step from pixel to pixel
  int64_t rows = 1, columns = 1, stride = 1;  // of a window; from window to window
  int64_t above, before;                      // rows and columns of padding that the first window begins with
  int64_t across, out_row, out_pixel;         // results of a row; steps between rows and between neighbours
};

// out(n, p, k) = activation(the sum over c of in(n, p, c) * filter(c, k) + bias(k) + residual(n, p, k)). With
// windows, c stands for 16 channels by taps by channels, n for images, and in(n, p) for the whole image.
struct Product {
  int64_t rows, depth, taps;  // rows: of all images, as Stored has them; depth: number of c
  Stored in, out;
  Panels panels;     // of k
  bool past_caches;  // out is larger than they are, and its vectors are whole cache lines
  Activation activation = Activation::none;  // none, ReLU or SiLU
  Windows windows = {};

  bool windowed() const { return windows.pixel > 0; }
};

// Of the results of some pixels, the means and sums of squared deviations, a panel of channels: each tile
// joins its own to them.
struct PanelMoments {
  float *mean = nullptr, *squares = nullptr;  // null: nobody wants them
  int64_t pixels = 0;                         // that they are of so far
};

// Where a tile's operands begin; with windows in, out and residual begin with the image. bias and residual
// may be null. T: float, or Bf16, of which in and filter then hold pairs: two channels are one value.
template <class T>
struct Operands {
  const float *in, *filter, *bias;
  const T* residual;
  T* out;
  int64_t pixel;  // of its row
  PanelMoments moments = {};

  void pass(const Product& product, int64_t pixels) {
    in += pixels * product.in.pixel, out += pixels * product.out.pixel, pixel += pixels;
    if (residual) residual += pixels * product.out.pixel;
    moments.pixels += pixels;
  }
};

// x / (1 + exp(-x)), to 2e-7 + 6e-8 |x| of itself: t = -x / ln 2 is rounded. exp is 2^t, of whose fraction a
// polynomial has the least greatest relative error, 7.5e-8. Division takes a unit of its own; where exp is
// infinite it gives zero.
RC_AVX512_INLINE __m512 silu(__m512 x) {
  const __m512 t = _mm512_mul_ps(x, all(-1.442695041f));
  const __m512 f = _mm512_maskz_reduce_ps(0xffff, t, _MM_FROUND_TO_NEG_INF);
  __m512 power = all(1.877576695e-3f);
  power = _mm512_fmadd_ps(power, f, all(8.989339694e-3f));
  power = _mm512_fmadd_ps(power, f, all(5.582631752e-2f));
  power = _mm512_fmadd_ps(power, f, all(2.401536107e-1f));
  power = _mm512_fmadd_ps(power, f, all(6.931530833e-1f));
  power = _mm512_fmadd_ps(power, f, all(9.999999404e-1f));
  return _mm512_div_ps(x, _mm512_add_ps(all(1), _mm512_maskz_scalef_ps(0xffff, power, t)));
}

template <class T>
inline constexpr Factors kFactors = sizeof(T) == sizeof(float) ? Factors::floats : Factors::pairs;

// Sums over the windows of `pixels` results: what lies outside of the image is zero. 16 channels at a time
// pass over all taps, whose pixels are near each other.
template <class T, int pixels, int vectors>
RC_AVX512_INLINE void add_windows(const Product& product, Operands<T> at,
                                  Sums<kFactors<T>, pixels, vectors>& sums) {
  static constexpr float kOutside[kVector] = {};
  const Windows& w = product.windows;
  int64_t first[pixels];    // of each window, its first pixel
  uint64_t inside[pixels];  // of each window, the taps that are
  for (int p = 0; p < pixels; ++p) {
    const int64_t top = (at.pixel + p) / w.across * w.stride - w.above,
                  left = (at.pixel + p) % w.across * w.stride - w.before;
    first[p] = (top * w.width + left) * w.pixel, inside[p] = 0;
    for (int64_t r = 0, tap = 0; r < w.rows; ++r)
      for (int64_t s = 0; s < w.columns; ++s, ++tap)
        if (top + r >= 0 && top + r < w.height && left + s >= 0 && left + s < w.width)
          inside[p] |= uint64_t(1) << tap;
  }
  const int64_t next_tile = pixels * w.stride * w.pixel;
  for (int64_t left = product.depth; left > 0; at.in += product.in.vector)
    for (int64_t r = 0, tap = 0; r < w.rows; ++r)
      for (int64_t s = 0; s < w.columns; ++s, ++tap, left -= kVector) {
        const float* in[pixels];
        RC_UNROLL
        for (int p = 0; p < pixels; ++p) {
          const float* there = at.in + first[p] + (r * w.width + s) * w.pixel;
          if (s < w.stride) __builtin_prefetch(there + next_tile);
          in[p] = inside[p] >> tap & 1 ? there : kOutside;
        }
        for (int64_t c = 0; c < kVector; ++c, at.filter += vectors * kVector)
          sums.add(in, c, at.filter, kVector, 0xffff);
      }
}

// The same over single pixels.
template <class T, int pixels, int vectors>
RC_AVX512_INLINE void add_pixels(const Product& product, Operands<T> at,
                                 Sums<kFactors<T>, pixels, vectors>& sums) {
  const int64_t in_pixel = product.in.pixel, in_vector = product.in.vector;
  int64_t left = product.depth;
  for (; left >= kVector; left -= kVector, at.in += in_vector) {
    RC_UNROLL
    for (int p = 0; p < pixels; ++p) __builtin_prefetch(at.in + (pixels + p) * in_pixel);  // the next tile's
    for (int64_t c = 0; c < kVector; ++c, at.filter += vectors * kVector)
      sums.add(at.in + c, in_pixel, at.filter, kVector, 0xffff);
  }
  for (int64_t c = 0; c < left; ++c, at.filter += vectors * kVector)
    sums.add(at.in + c, in_pixel, at.filter, kVector, 0xffff);
}

// Welford's step (1962) for several values at once: about the mean so far, or one of the values, so that no
// large sums cancel. Two sums of each sort, whose additions wait less for each other.
template <Factors factors, int pixels, int vectors>
RC_AVX512_INLINE void join(const Sums<factors, pixels, vectors>& results, const PanelMoments& to,
                           __mmask16 last) {
  const float share = 1 / float(to.pixels + pixels);
  RC_UNROLL
  for (int v = 0; v < vectors; ++v) {
    const __mmask16 there = v < vectors - 1 ? 0xffff : last;
    float *mean = to.mean + v * kVector, *squares = to.squares + v * kVector;
    const __m512 about = to.pixels > 0 ? load(mean, there) : results.sum[0][v];
    __m512 sum[2] = {all(0), all(0)}, square[2] = {all(0), all(0)};
    RC_UNROLL
    for (int p = 0; p < pixels; ++p) {
      const __m512 away = _mm512_sub_ps(results.sum[p][v], about);
      sum[p % 2] = _mm512_add_ps(sum[p % 2], away);
      square[p % 2] = _mm512_fmadd_ps(away, away, square[p % 2]);
    }
    const __m512 total = _mm512_add_ps(sum[0], sum[1]), moved = _mm512_mul_ps(total, all(share));
    const __m512 before = to.pixels > 0 ? load(squares, there) : all(0);
    const __m512 own = _mm512_fnmadd_ps(total, moved, _mm512_add_ps(square[0], square[1]));
    store(mean, _mm512_add_ps(about, moved), there);
    store(squares, _mm512_add_ps(before, own), there);
  }
}

// Results of `pixels` neighbours for a panel of channels, which stay in registers from the first product to
// the last.
template <class T, int pixels, int vectors, bool windows>
RC_AVX512_INLINE void tile(const Product& product, Operands<T> at, __mmask16 last) {
  const int64_t out_pixel = product.out.pixel, out_vector = product.out.vector;
  const bool past_caches = product.past_caches;
  int64_t of_pixel[pixels];
  RC_UNROLL
  for (int p = 0; p < pixels; ++p) {
    const Windows& w = product.windows;
    const int64_t i = at.pixel + p;
    of_pixel[p] = windows ? i / w.across * w.out_row + i % w.across * w.out_pixel : p * out_pixel;
  }
  RC_UNROLL
  for (int p = 0; p < pixels; ++p) {
    RC_UNROLL
    for (int v = 0; v < vectors; ++v) {  // what the end of this will wait for
      const int64_t to = of_pixel[p] + v * out_vector;
      if (at.residual) __builtin_prefetch(at.residual + to);
      if (!past_caches) __builtin_prefetch(at.out + to, 1);
    }
  }

  Sums<kFactors<T>, pixels, vectors> sums;
  sums.clear();
  if constexpr (windows)
    add_windows(product, at, sums);
  else
    add_pixels(product, at, sums);

  if (at.moments.mean) join(sums, at.moments, last);
  const __m512 least = _mm512_set1_ps(product.activation == Activation::relu ? 0 : -INFINITY);
  RC_UNROLL
  for (int v = 0; v < vectors; ++v) {
    const __mmask16 there = v < vectors - 1 ? 0xffff : last;
    const __m512 bias = at.bias ? load(at.bias + v * kVector, there) : _mm512_setzero_ps();
    RC_UNROLL
    for (int p = 0; p < pixels; ++p) {
      const int64_t to = of_pixel[p] + v * out_vector;
      __m512 y = sums.sum[p][v];
      if (at.bias) y = _mm512_add_ps(y, bias);
      if (at.residual) y = _mm512_add_ps(y, load(at.residual + to, there));
      y = _mm512_maskz_max_ps(0xffff, least, y);  // y where it is NaN
      if (product.activation == Activation::silu) y = silu(y);
      if constexpr (kFactors<T> == Factors::floats)
        if (past_caches) {
          _mm512_stream_ps(at.out + to, y);
          continue;
        }
      store(at.out + to, y, there);
    }
  }
}

template <class T, int vectors, bool windows>
RC_AVX512 void tiles(const Product& product, Operands<T> at, __mmask16 last, int64_t pixels) {
  constexpr int most = vectors == 1 ? (windows ? 8 : 16) : 24 / vectors;
  for (; pixels >= most; pixels -= most, at.pass(product, most))
    tile<T, most, vectors, windows>(product, at, last);
  for (; pixels >= 4; pixels -= 4, at.pass(product, 4)) tile<T, 4, vectors, windows>(product, at, last);
  for (; pixels >= 1; pixels -= 1, at.pass(product, 1)) tile<T, 1, vectors, windows>(product, at, last);
}
template <class T, bool windows>
auto tiles_of(int vectors) {
  return vectors == 3 ? tiles<T, 3, windows> : vectors == 2 ? tiles<T, 2, windows> : tiles<T, 1, windows>;
}

}  // namespace rc
