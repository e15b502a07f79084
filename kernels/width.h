// How values come from memory and go back: activations of any type and storage, parameters and sums.
#pragma once

#include <cstdint>
#include <utility>

#include "engine/block.h"
#include "engine/dtype.h"
#include "kernels/values.h"

namespace rc {

// Bytes and halves as words and back.
template <class Narrow, class Words>
RC_INLINE Words widened(const Narrow& x, Words) {
  return __builtin_convertvector(x, Words);
}
template <class Narrow, class Words>
RC_INLINE Narrow narrowed(const Words& x, Narrow) {
  return __builtin_convertvector(x, Narrow);
}
#if defined(__AVX512F__) && !defined(__clang__)
// For sixteen of them GCC takes ten instructions where AVX-512 has one.
typedef char SixteenBytes __attribute__((vector_size(16)));
typedef short SixteenHalves __attribute__((vector_size(32)));
RC_INLINE Vector<16>::Signed widened(const Vector<16>::Byte& x, Vector<16>::Signed) {
  return __builtin_ia32_pmovzxbd512_mask((SixteenBytes)x, Vector<16>::Signed{}, 0xffff);
}
RC_INLINE Vector<16>::Byte narrowed(const Vector<16>::Signed& x, Vector<16>::Byte) {
  return (Vector<16>::Byte)__builtin_ia32_pmovdb512_mask(x, SixteenBytes{}, 0xffff);
}
RC_INLINE Vector<16>::Signed widened(const Vector<16>::Half& x, Vector<16>::Signed) {
  return __builtin_ia32_pmovzxwd512_mask((SixteenHalves)x, Vector<16>::Signed{}, 0xffff);
}
RC_INLINE Vector<16>::Half narrowed(const Vector<16>::Signed& x, Vector<16>::Half) {
  return (Vector<16>::Half)__builtin_ia32_pmovdw512_mask(x, SixteenHalves{}, 0xffff);
}
#endif

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
  v = (E)(widened(half, typename V::Signed()) << 16);
}
template <class E>
RC_INLINE typename Vector<sizeof(E) / sizeof(float)>::Word rounded(const E& v) {  // in the upper halves
  const auto word = (typename Vector<sizeof(E) / sizeof(float)>::Word) v;
  const auto even = word + 0x7fffu + (word >> 16 & 1u);
  return v != v ? word | 0x00400000u : even;
}
template <class E>
RC_INLINE void write_element(Bf16* p, const E& v) {
  using V = Vector<sizeof(E) / sizeof(float)>;
  const auto half = narrowed((typename V::Signed)(rounded(v) >> 16), typename V::Half());
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

#if !defined(__CUDACC__)
// Two vectors from memory and back, the even elements in the one and the odd ones in the other, so that
// bfloat16 is widened and narrowed where it lies.
template <class T, class E, int... i>
RC_INLINE void read_pair(const T* p, E& even, E& odd, std::integer_sequence<int, i...>) {
  E first, second;
  read_element(p, first), read_element(p + sizeof...(i), second);
  even = __builtin_shufflevector(first, second, (2 * i)...);
  odd = __builtin_shufflevector(first, second, (2 * i + 1)...);
}
template <class T, class E, int... i>
RC_INLINE void write_pair(T* p, const E& even, const E& odd, std::integer_sequence<int, i...>) {
  constexpr int n = sizeof...(i);
  write_element(p, __builtin_shufflevector(even, odd, (i / 2 + i % 2 * n)...));
  write_element(p + n, __builtin_shufflevector(even, odd, ((n + i) / 2 + i % 2 * n)...));
}
template <class T, class E>
RC_INLINE void read_pair(const T* p, E& even, E& odd) {
  read_pair(p, even, odd, std::make_integer_sequence<int, sizeof(E) / sizeof(float)>());
}
template <class T, class E>
RC_INLINE void write_pair(T* p, const E& even, const E& odd) {
  write_pair(p, even, odd, std::make_integer_sequence<int, sizeof(E) / sizeof(float)>());
}
template <class E>
RC_INLINE void read_pair(const Bf16* p, E& even, E& odd) {
  typename Vector<sizeof(E) / sizeof(float)>::Word both;
  __builtin_memcpy(&both, p, sizeof both);
  even = (E)(both << 16), odd = (E)(both & 0xffff0000u);
}
template <class E>
RC_INLINE auto halves_of(const E& even, const E& odd) {
  return rounded(even) >> 16 | (rounded(odd) & 0xffff0000u);
}
template <class E>
RC_INLINE void write_pair(Bf16* p, const E& even, const E& odd) {
  const auto both = halves_of(even, odd);
  __builtin_memcpy(p, &both, sizeof both);
}
#endif

// How a lane's values lie in memory: each vector's side by side; 16 bytes in all, at a multiple of that; or
// vectors two by two, as read_pair has them.
enum class Order : uint8_t { plain, packed, paired };

// How many values a lane moves at once.
template <class Element, int m, Order how = Order::plain>
struct Width {
  using Type = Values<Element, m>;
  static constexpr int size = Type::size, each = Type::each;
  static constexpr Order order = how;
  RC_INLINE static Type of(float x) { return Type::of(x); }
};

// Floats that lie anywhere, whatever activations do: parameters and sums of a few channels.
template <class W, class T>
RC_INLINE typename W::Type read_floats(W, const T* p) {
  typename W::Type v;
  if constexpr (W::order == Order::paired) {
    for (int i = 0; i < W::size / W::each; i += 2) read_pair(p + i * W::each, v.e[i], v.e[i + 1]);
  } else {
    for (int i = 0; i < W::size / W::each; ++i) read_element(p + i * W::each, v.e[i]);
  }
  return v;
}
template <class W, class T>
RC_INLINE void write_floats(W, T* p, const typename W::Type& v) {
  if constexpr (W::order == Order::paired) {
    for (int i = 0; i < W::size / W::each; i += 2) write_pair(p + i * W::each, v.e[i], v.e[i + 1]);
  } else {
    for (int i = 0; i < W::size / W::each; ++i) write_element(p + i * W::each, v.e[i]);
  }
}

// Activations.
template <class W, class T>
RC_INLINE typename W::Type read(W width, const T* p) {
  if constexpr (W::order == Order::packed) {
    const Pack<T, W::size> pack = load<T, W::size>(p);
    typename W::Type v;
    for (int i = 0; i < W::size; ++i) v.e[i] = pack[i];
    return v;
  } else {
    return read_floats(width, p);
  }
}
template <class W, class T>
RC_INLINE void write(W width, T* p, const typename W::Type& v) {
  if constexpr (W::order == Order::packed) {
    Pack<T, W::size> pack;
    for (int i = 0; i < W::size; ++i) pack.set(i, v.e[i]);
    store<T, W::size>(p, pack);
  } else {
    write_floats(width, p, v);
  }
}

}  // namespace rc
