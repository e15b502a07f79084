// The transforms of Winograd's F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray,
// "Fast algorithms for convolutional neural networks", 2016; B, G and A are theirs), 16 channels at a time. A
// line is what a transform does along one dimension.
#pragma once

#include "engine/dtype.h"
#include "engine/host/tiles.h"

namespace rc::winograd {

inline constexpr int64_t kTile = 4;    // results of a tile along a side
inline constexpr int64_t kFilter = 3;  // taps of the filter along a side
inline constexpr int64_t kPatch = 6;   // pixels that a tile is made of along a side
inline constexpr int64_t kPoints = kPatch * kPatch;

RC_AVX512_INLINE __m512 plus(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
RC_AVX512_INLINE __m512 minus(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
RC_AVX512_INLINE __m512 times(float a, __m512 b) { return _mm512_mul_ps(all(a), b); }
RC_AVX512_INLINE __m512 scaled(float a, __m512 b, __m512 c) { return _mm512_fmadd_ps(all(a), b, c); }

// B^T: pixels of the patch that a tile of results is made of.
struct PatchLine {
  static constexpr int from = kPatch, to = kPatch;
  RC_AVX512_INLINE static void apply(const __m512 (&d)[from], __m512 (&v)[to]) {
    const __m512 even = scaled(-4, d[2], d[4]), odd = scaled(-4, d[1], d[3]);
    const __m512 even_2 = minus(d[4], d[2]), odd_2 = minus(d[3], d[1]);
    v[0] = scaled(4, d[0], scaled(-5, d[2], d[4]));
    v[1] = plus(even, odd);
    v[2] = minus(even, odd);
    v[3] = scaled(2, odd_2, even_2);
    v[4] = scaled(-2, odd_2, even_2);
    v[5] = scaled(4, d[1], scaled(-5, d[3], d[5]));
  }
};

// G: a filter's taps.
struct FilterLine {
  static constexpr int from = kFilter, to = kPatch;
  RC_AVX512_INLINE static void apply(const __m512 (&g)[from], __m512 (&u)[to]) {
    const __m512 ends = times(-1.0f / 6, plus(g[0], g[2]));
    const __m512 ends_2 = scaled(1.0f / 24, g[0], times(1.0f / 6, g[2]));
    u[0] = times(0.25f, g[0]);
    u[1] = scaled(-1.0f / 6, g[1], ends);
    u[2] = scaled(1.0f / 6, g[1], ends);
    u[3] = scaled(1.0f / 12, g[1], ends_2);
    u[4] = scaled(-1.0f / 12, g[1], ends_2);
    u[5] = g[2];
  }
};

// A^T: from the points' products to a tile's results.
struct ResultLine {
  static constexpr int from = kPatch, to = kTile;
  RC_AVX512_INLINE static void apply(const __m512 (&m)[from], __m512 (&y)[to]) {
    const __m512 even = plus(m[1], m[2]), odd = minus(m[1], m[2]);
    const __m512 even_2 = plus(m[3], m[4]), odd_2 = minus(m[3], m[4]);
    y[0] = plus(plus(m[0], even), even_2);
    y[1] = scaled(2, odd_2, odd);
    y[2] = scaled(4, even_2, even);
    y[3] = plus(scaled(8, odd_2, odd), m[5]);
  }
};

// A: a tile's gradient, for the filter's.
struct TileGradientLine {
  static constexpr int from = kTile, to = kPatch;
  RC_AVX512_INLINE static void apply(const __m512 (&dy)[from], __m512 (&m)[to]) {
    const __m512 even = plus(dy[0], dy[2]), odd = plus(dy[1], dy[3]);
    const __m512 even_2 = scaled(4, dy[2], dy[0]), odd_2 = scaled(4, dy[3], dy[1]);
    m[0] = dy[0];
    m[1] = plus(even, odd);
    m[2] = minus(even, odd);
    m[3] = scaled(2, odd_2, even_2);
    m[4] = scaled(-2, odd_2, even_2);
    m[5] = dy[3];
  }
};

// G^T: from the points' sums to the filter's gradient.
struct FilterGradientLine {
  static constexpr int from = kPatch, to = kFilter;
  RC_AVX512_INLINE static void apply(const __m512 (&u)[from], __m512 (&dg)[to]) {
    const __m512 even = plus(u[1], u[2]), odd = minus(u[2], u[1]);
    const __m512 even_2 = plus(u[3], u[4]), odd_2 = minus(u[3], u[4]);
    const __m512 ends = times(-1.0f / 6, even);
    dg[0] = scaled(0.25f, u[0], scaled(1.0f / 24, even_2, ends));
    dg[1] = scaled(1.0f / 6, odd, times(1.0f / 12, odd_2));
    dg[2] = plus(scaled(1.0f / 6, even_2, ends), u[5]);
  }
};

// A line's transform along both sides: read(i, j) gives row i's value j, write(i, j, value) takes the results
// of some rows.
template <class Line, class Read, class Write>
RC_AVX512_INLINE void both_ways(const Read& read, const Write& write, Range rows = {0, Line::to}) {
  __m512 down[Line::to][Line::from];
  RC_ROLLED
  for (int j = 0; j < Line::from; ++j) {
    __m512 column[Line::from], made[Line::to];
    RC_UNROLL
    for (int i = 0; i < Line::from; ++i) column[i] = read(i, j);
    Line::apply(column, made);
    RC_UNROLL
    for (int i = 0; i < Line::to; ++i) down[i][j] = made[i];
  }
  RC_ROLLED
  for (int i = int(rows.first); i < int(rows.end); ++i) {
    __m512 made[Line::to];
    Line::apply(down[i], made);
    RC_UNROLL
    for (int j = 0; j < Line::to; ++j) write(i, j, made[j]);
  }
}

// 16 channels in memory, of which a mask of zeros reads none.
RC_AVX512_INLINE __m512 load(const float* p, __mmask16 there = 0xffff) {
  return _mm512_maskz_loadu_ps(there, p);
}
RC_AVX512_INLINE __m512 load(const Bf16* p, __mmask16 there = 0xffff) {
  const __m512i wide = _mm512_maskz_cvtepu16_epi32(0xffff, _mm256_maskz_loadu_epi16(there, p));
  return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xffff, wide, 16));
}
RC_AVX512_INLINE void store(float* p, __m512 v) { _mm512_storeu_ps(p, v); }
RC_AVX512_INLINE void store(Bf16* p, __m512 v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), (__m256i)_mm512_cvtneps_pbh(v));
}

// Values i, j of a square whose rows and values lie so far apart; those that are not inside are zero.
template <class T>
struct Square {
  const T* first;
  int64_t row, value;
  uint16_t rows[kPatch], values[kPatch];  // inside: all bits

  RC_AVX512_INLINE __m512 operator()(int i, int j) const {
    return load(first + i * row + j * value, __mmask16(rows[i] & values[j]));
  }
};
template <class T>
struct WholeSquare {
  const T* first;
  int64_t row, value;

  RC_AVX512_INLINE __m512 operator()(int i, int j) const { return load(first + i * row + j * value); }
};
// Where some points go, or all come from, a fixed step apart; `first` is of the first of them.
struct ToPoints {
  float* first;
  int64_t step;
  Range points = {0, kPoints};

  Range rows() const { return {points.first / kPatch, (points.end + kPatch - 1) / kPatch}; }
  RC_AVX512_INLINE void operator()(int i, int j, __m512 v) const {
    const int64_t p = i * kPatch + j;
    if (p >= points.first && p < points.end) store(first + (p - points.first) * step, v);
  }
};
struct FromPoints {
  const float* first;
  int64_t step;

  RC_AVX512_INLINE __m512 operator()(int i, int j) const { return load(first + (i * kPatch + j) * step); }
};

}  // namespace rc::winograd
