// The transforms of Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast algorithms for convolutional neural
// networks", 2016; B, G and A are theirs), 16 channels at a time. A line is what a transform does along one
// dimension. The points are 0, a, -a, b, -b and infinity with a = 5/8 and b = 3/2, which lose less than half
// of what 1 and 2 do, and whose powers are exact (Barabasz, Anderson, Soodhalter and Gregg, "Error analysis
// and improving the accuracy of Winograd convolution", 2020, on the choice).
#pragma once

#include "engine/dtype.h"
#include "engine/host/tiles.h"

namespace rc::winograd {

inline constexpr int64_t kTile = 4;    // results of a tile along a side
inline constexpr int64_t kFilter = 3;  // taps of the filter along a side
inline constexpr int64_t kPatch = 6;   // pixels that a tile is made of along a side
inline constexpr int64_t kPoints = kPatch * kPatch;

RC_AVX512_INLINE __m512 plus(__m512 x, __m512 y) { return _mm512_add_ps(x, y); }
RC_AVX512_INLINE __m512 minus(__m512 x, __m512 y) { return _mm512_sub_ps(x, y); }
RC_AVX512_INLINE __m512 times(float f, __m512 x) { return _mm512_mul_ps(all(f), x); }
RC_AVX512_INLINE __m512 scaled(float f, __m512 x, __m512 more) { return _mm512_fmadd_ps(all(f), x, more); }

inline constexpr float a = 0.625f, a2 = a * a, a3 = a2 * a, b = 1.5f, b2 = b * b, b3 = b2 * b;
// For each point the product of its differences from the others but infinity.
inline constexpr float of_0 = a2 * b2, of_a = 2 * a2 * (a2 - b2), of_b = 2 * b2 * (b2 - a2);

// The points of either sign, of what even and odd powers give there.
RC_AVX512_INLINE void of_both_signs(__m512 even_a, __m512 odd_a, __m512 even_b, __m512 odd_b,
                                    __m512 (&at)[kPatch]) {
  at[1] = scaled(a, odd_a, even_a);
  at[2] = scaled(-a, odd_a, even_a);
  at[3] = scaled(b, odd_b, even_b);
  at[4] = scaled(-b, odd_b, even_b);
}

// B^T: pixels of the patch that a tile of results is made of.
struct PatchLine {
  static constexpr int from = kPatch, to = kPatch;
  RC_AVX512_INLINE static void apply(const __m512 (&d)[from], __m512 (&v)[to]) {
    const __m512 even_a = scaled(-b2, d[2], d[4]), odd_a = scaled(-b2, d[1], d[3]);
    const __m512 even_b = scaled(-a2, d[2], d[4]), odd_b = scaled(-a2, d[1], d[3]);
    v[0] = scaled(a2 * b2, d[0], scaled(-a2 - b2, d[2], d[4]));
    of_both_signs(even_a, odd_a, even_b, odd_b, v);
    v[5] = scaled(a2 * b2, d[1], scaled(-a2 - b2, d[3], d[5]));
  }
};

// G: a filter's taps.
struct FilterLine {
  static constexpr int from = kFilter, to = kPatch;
  RC_AVX512_INLINE static void apply(const __m512 (&g)[from], __m512 (&u)[to]) {
    const __m512 even_a = scaled(a2 / of_a, g[2], times(1 / of_a, g[0])),
                 even_b = scaled(b2 / of_b, g[2], times(1 / of_b, g[0]));
    u[0] = times(1 / of_0, g[0]);
    u[1] = scaled(a / of_a, g[1], even_a);
    u[2] = scaled(-a / of_a, g[1], even_a);
    u[3] = scaled(b / of_b, g[1], even_b);
    u[4] = scaled(-b / of_b, g[1], even_b);
    u[5] = g[2];
  }
};

// A^T: from the points' products to a tile's results.
struct ResultLine {
  static constexpr int from = kPatch, to = kTile;
  RC_AVX512_INLINE static void apply(const __m512 (&m)[from], __m512 (&y)[to]) {
    const __m512 even_a = plus(m[1], m[2]), odd_a = minus(m[1], m[2]);
    const __m512 even_b = plus(m[3], m[4]), odd_b = minus(m[3], m[4]);
    y[0] = plus(m[0], plus(even_a, even_b));
    y[1] = scaled(a, odd_a, times(b, odd_b));
    y[2] = scaled(a2, even_a, times(b2, even_b));
    y[3] = scaled(a3, odd_a, scaled(b3, odd_b, m[5]));
  }
};

// A: a tile's gradient, for the filter's.
struct TileGradientLine {
  static constexpr int from = kTile, to = kPatch;
  RC_AVX512_INLINE static void apply(const __m512 (&dy)[from], __m512 (&m)[to]) {
    const __m512 even_a = scaled(a2, dy[2], dy[0]), odd_a = scaled(a2, dy[3], dy[1]);
    const __m512 even_b = scaled(b2, dy[2], dy[0]), odd_b = scaled(b2, dy[3], dy[1]);
    m[0] = dy[0];
    of_both_signs(even_a, odd_a, even_b, odd_b, m);
    m[5] = dy[3];
  }
};

// G^T: from the points' sums to the filter's gradient.
struct FilterGradientLine {
  static constexpr int from = kPatch, to = kFilter;
  RC_AVX512_INLINE static void apply(const __m512 (&u)[from], __m512 (&dg)[to]) {
    const __m512 even_a = plus(u[1], u[2]), odd_a = minus(u[1], u[2]);
    const __m512 even_b = plus(u[3], u[4]), odd_b = minus(u[3], u[4]);
    dg[0] = scaled(1 / of_0, u[0], scaled(1 / of_a, even_a, times(1 / of_b, even_b)));
    dg[1] = scaled(a / of_a, odd_a, times(b / of_b, odd_b));
    dg[2] = scaled(a2 / of_a, even_a, scaled(b2 / of_b, even_b, u[5]));
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
