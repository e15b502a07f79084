// A few neighbouring values handled as one: vector registers on the CPU, 16 bytes of a lane elsewhere. Bodies
// written with Values need no compiler to find the vectors in them.
#pragma once

#include <cstdint>

#include "engine/target.h"

namespace rc {

// Vector types of GCC and Clang: element by element arithmetic, comparison and ?: are part of the language.
template <int n>
struct Vector;
template <>
struct Vector<16> {
  typedef float Float __attribute__((vector_size(64)));
  typedef uint32_t Word __attribute__((vector_size(64)));
  typedef int32_t Signed __attribute__((vector_size(64)));
  typedef uint16_t Half __attribute__((vector_size(32)));
  typedef uint8_t Byte __attribute__((vector_size(16)));
};
template <>
struct Vector<8> {
  typedef float Float __attribute__((vector_size(32)));
  typedef uint32_t Word __attribute__((vector_size(32)));
  typedef int32_t Signed __attribute__((vector_size(32)));
  typedef uint16_t Half __attribute__((vector_size(16)));
  typedef uint8_t Byte __attribute__((vector_size(8)));
};

// m elements, each a float or a vector of floats.
template <class Element, int m>
struct Values {
  Element e[m];

  static constexpr int each = sizeof(Element) / sizeof(float);
  static constexpr int size = m * each;  // floats in all

  RC_INLINE static Values of(float x) {
    Values r;
    for (int i = 0; i < m; ++i) r.e[i] = Element{} + x;
    return r;
  }
};

template <class E, int m>
RC_INLINE Values<E, m> operator+(const Values<E, m>& a, const Values<E, m>& b) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = a.e[i] + b.e[i];
  return r;
}
template <class E, int m>
RC_INLINE Values<E, m> operator-(const Values<E, m>& a, const Values<E, m>& b) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = a.e[i] - b.e[i];
  return r;
}
template <class E, int m>
RC_INLINE Values<E, m> operator*(const Values<E, m>& a, const Values<E, m>& b) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = a.e[i] * b.e[i];
  return r;
}
template <class E, int m>
RC_INLINE Values<E, m> operator/(const Values<E, m>& a, float b) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = a.e[i] / b;
  return r;
}
// a where test > 0, else 0.
template <class E, int m>
RC_INLINE Values<E, m> where_positive(const Values<E, m>& test, const Values<E, m>& a) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = test.e[i] > E{} ? a.e[i] : E{};
  return r;
}
// a where test equals `value`, else 0.
template <class E, int m>
RC_INLINE Values<E, m> where_equal(const Values<E, m>& test, float value, const Values<E, m>& a) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = test.e[i] == E{} + value ? a.e[i] : E{};
  return r;
}
// Where x is greater than best, or NaN: best becomes x and its place `place_of_x`.
template <class E, int m>
RC_INLINE void take_greater(Values<E, m>& best, Values<E, m>& place, const Values<E, m>& x,
                            float place_of_x) {
  for (int i = 0; i < m; ++i) {
    const auto better = (x.e[i] > best.e[i]) | (x.e[i] != x.e[i]);
    best.e[i] = better ? x.e[i] : best.e[i];
    place.e[i] = better ? E{} + place_of_x : place.e[i];
  }
}

// The lesser and the greater of two, b where either is NaN.
template <class E>
RC_INLINE E lesser(const E& a, const E& b) {
  return a < b ? a : b;
}
template <class E>
RC_INLINE E greater(const E& a, const E& b) {
  return a > b ? a : b;
}
#if defined(__AVX512F__) && !defined(__clang__)
// GCC takes two instructions for what AVX-512 has one.
typedef Vector<16>::Float Sixteen;
RC_INLINE Sixteen lesser(const Sixteen& a, const Sixteen& b) {
  return __builtin_ia32_minps512_mask(a, b, Sixteen{}, -1, 4);  // 4: the current way of rounding
}
RC_INLINE Sixteen greater(const Sixteen& a, const Sixteen& b) {
  return __builtin_ia32_maxps512_mask(a, b, Sixteen{}, -1, 4);
}
#endif

// The greater of a and b, element by element; a where that is NaN.
template <class E, int m>
RC_INLINE Values<E, m> at_least(const Values<E, m>& a, const Values<E, m>& b) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = greater(b.e[i], a.e[i]);
  return r;
}

}  // namespace rc
