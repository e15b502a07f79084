// A few neighbouring values handled as one: vector registers on the CPU, 16 bytes of a lane elsewhere. Bodies
// written with Values need no compiler to find the vectors in them.
#pragma once

#include <cstdint>

#include "engine/block.h"
#include "engine/dtype.h"

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
// The greater of a and b; a where that is NaN.
template <class E, int m>
RC_INLINE Values<E, m> at_least(const Values<E, m>& a, const Values<E, m>& b) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = a.e[i] < b.e[i] ? b.e[i] : a.e[i];
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

// Bytes as words and back. For 16 of them GCC takes ten instructions where AVX-512 has one.
template <class Bytes, class Words>
RC_INLINE Words widened(const Bytes& x, Words) {
#if defined(__AVX512F__) && !defined(__clang__)
  if constexpr (sizeof(Words) == 64) {
    typedef char Sixteen __attribute__((vector_size(16)));
    return __builtin_ia32_pmovzxbd512_mask((Sixteen)x, Words{}, 0xffff);
  }
#endif
  return __builtin_convertvector(x, Words);
}
template <class Words, class Bytes>
RC_INLINE Bytes narrowed(const Words& x, Bytes) {
#if defined(__AVX512F__) && !defined(__clang__)
  if constexpr (sizeof(Words) == 64) {
    typedef char Sixteen __attribute__((vector_size(16)));
    return (Bytes)__builtin_ia32_pmovdb512_mask(x, Sixteen{}, 0xffff);
  }
#endif
  return __builtin_convertvector(x, Bytes);
}

// One element from memory and back. bfloat16 is the upper half of a float; rounding as Bf16's constructor
// does.
RC_INLINE void read_element(const float* p, float& v) { v = *p; }
RC_INLINE void read_element(const Bf16* p, float& v) { v = float(*p); }
RC_INLINE void write_element(float* p, const float& v) { *p = v; }
RC_INLINE void write_element(Bf16* p, const float& v) { *p = Bf16(v); }
template <class E>
RC_INLINE void read_element(const float* p, E& v) {
  __builtin_memcpy(&v, p, sizeof v);
}
template <class E>
RC_INLINE void write_element(float* p, const E& v) {
  __builtin_memcpy(p, &v, sizeof v);
}
template <class E>
RC_INLINE void read_element(const Bf16* p, E& v) {
  using V = Vector<sizeof(E) / sizeof(float)>;
  typename V::Half half;
  __builtin_memcpy(&half, p, sizeof half);
  v = (E)(__builtin_convertvector(half, typename V::Word) << 16);
}
template <class E>
RC_INLINE void write_element(Bf16* p, const E& v) {
  using V = Vector<sizeof(E) / sizeof(float)>;
  const auto word = (typename V::Word)v;
  const auto even = word + 0x7fffu + (word >> 16 & 1u);
  const auto nan = (typename V::Signed)(word & 0x7fffffffu) > 0x7f800000;
  const auto bits = (nan ? word | 0x00400000u : even) >> 16;
  const auto half = __builtin_convertvector(bits, typename V::Half);
  __builtin_memcpy(p, &half, sizeof half);
}

// Bytes hold small whole numbers.
RC_INLINE void read_element(const uint8_t* p, float& v) { v = float(*p); }
RC_INLINE void write_element(uint8_t* p, const float& v) { *p = uint8_t(v); }
template <class E>
RC_INLINE void read_element(const uint8_t* p, E& v) {
  using V = Vector<sizeof(E) / sizeof(float)>;
  typename V::Byte bytes;
  __builtin_memcpy(&bytes, p, sizeof bytes);
  v = __builtin_convertvector(widened(bytes, typename V::Signed()), E);
}
template <class E>
RC_INLINE void write_element(uint8_t* p, const E& v) {
  using V = Vector<sizeof(E) / sizeof(float)>;
  const auto words = __builtin_convertvector(v, typename V::Signed);
  const auto bytes = narrowed(words, typename V::Byte());
  __builtin_memcpy(p, &bytes, sizeof bytes);
}

// How many values a lane moves at once. `packed`: they are 16 bytes in memory, and lie at a multiple of that.
template <class Element, int m, bool is_packed = false>
struct Width {
  using Type = Values<Element, m>;
  static constexpr int size = Type::size;
  static constexpr bool packed = is_packed;
  RC_INLINE static Type of(float x) { return Type::of(x); }
};

template <class W, class T>
RC_INLINE typename W::Type read(W, const T* p) {
  typename W::Type v;
  if constexpr (W::packed) {
    const Pack<T, W::size> pack = load<T, W::size>(p);
    for (int i = 0; i < W::size; ++i) v.e[i] = pack[i];
  } else {
    for (int i = 0; i < W::size / W::Type::each; ++i) read_element(p + i * W::Type::each, v.e[i]);
  }
  return v;
}

template <class W, class T>
RC_INLINE void write(W, T* p, const typename W::Type& v) {
  if constexpr (W::packed) {
    Pack<T, W::size> pack;
    for (int i = 0; i < W::size; ++i) pack.set(i, v.e[i]);
    store<T, W::size>(p, pack);
  } else {
    for (int i = 0; i < W::size / W::Type::each; ++i) write_element(p + i * W::Type::each, v.e[i]);
  }
}

// The same for floats that lie anywhere: parameters and sums of a few channels.
template <class W>
RC_INLINE typename W::Type read_floats(W, const float* p) {
  typename W::Type v;
  for (int i = 0; i < W::size / W::Type::each; ++i) read_element(p + i * W::Type::each, v.e[i]);
  return v;
}
template <class W>
RC_INLINE void write_floats(W, float* p, const typename W::Type& v) {
  for (int i = 0; i < W::size / W::Type::each; ++i) write_element(p + i * W::Type::each, v.e[i]);
}

}  // namespace rc
