// math.h's functions on vectors (values.h), element by element: loops that compilers turn into vector
// instructions. A float is a vector of one, so that one body serves both.
#pragma once

#include "kernels/math.h"
#include "kernels/values.h"

namespace rc {

// x in every element.
template <class E>
RC_INLINE E spread(float x) {
  return x - E{};
}

template <class E>
RC_INLINE E fma(const E& a, const E& b, const E& c) {
  E r;
  for (size_t i = 0; i < sizeof(E) / sizeof(float); ++i) r[i] = fma(a[i], b[i], c[i]);
  return r;
}
#if defined(__FMA__) && !defined(__clang__)
// GCC sees one instruction in the loop above where it stands alone, not among others.
RC_INLINE Vector<8>::Float fma(const Vector<8>::Float& a, const Vector<8>::Float& b,
                               const Vector<8>::Float& c) {
  return __builtin_ia32_vfmaddps256(a, b, c);
}
#endif
#if defined(__AVX512F__) && !defined(__clang__)
RC_INLINE Sixteen fma(const Sixteen& a, const Sixteen& b, const Sixteen& c) {
  return __builtin_ia32_vfmaddps512_mask(a, b, c, -1, 4);
}
#endif
template <class E>
RC_INLINE E exp(const E& x) {
  E r;
  for (size_t i = 0; i < sizeof(E) / sizeof(float); ++i) r[i] = exp(x[i]);
  return r;
}
template <class E>
RC_INLINE E log(const E& x) {
  E r;
  for (size_t i = 0; i < sizeof(E) / sizeof(float); ++i) r[i] = log(x[i]);
  return r;
}
template <class E>
RC_INLINE E sqrt(const E& x) {
  E r;
  for (size_t i = 0; i < sizeof(E) / sizeof(float); ++i) r[i] = sqrt(x[i]);
  return r;
}

template <class E>
RC_INLINE E exp_minus(const E& x) {
  E r;
  for (size_t i = 0; i < sizeof(E) / sizeof(float); ++i) r[i] = exp_minus(x[i]);
  return r;
}
template <class E>
RC_INLINE E one_plus_exp_minus(const E& x) {
  const E power = greater(spread<E>(kLeastExponent), lesser(spread<E>(kGreatestExponent), x));
  return spread<E>(1) + exp_minus(power);
}

// x, computed before what follows is begun: several long formulas at once would need more registers than
// there are.
template <class E>
RC_INLINE E in_turn(E x) {
#if !defined(__CUDACC__)
  if constexpr (sizeof(E) > sizeof(float)) asm volatile("" : "+v"(x));
#endif
  return x;
}

// silu(x) = x s, s = sigmoid(x), and its derivative s (1 + x (1 - s)).
template <class E, int m>
RC_INLINE Values<E, m> silu(const Values<E, m>& x) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) {
    const E v = in_turn(x.e[i]);
    r.e[i] = in_turn(v / one_plus_exp_minus(v));
  }
  return r;
}
template <class E, int m>
RC_INLINE void silu_and_slope(const Values<E, m>& x, Values<E, m>& value, Values<E, m>& slope) {
  for (int i = 0; i < m; ++i) {
    const E v = in_turn(x.e[i]), s = spread<E>(1) / one_plus_exp_minus(v);
    value.e[i] = in_turn(v * s);
    slope.e[i] = in_turn(fma(value.e[i], spread<E>(1) - s, s));
  }
}
template <class E, int m>
RC_INLINE Values<E, m> silu_slope(const Values<E, m>& x) {
  Values<E, m> value, slope;
  silu_and_slope(x, value, slope);
  return slope;
}

// a b + c, element by element, rounded once.
template <class E, int m>
RC_INLINE Values<E, m> fma(const Values<E, m>& a, const Values<E, m>& b, const Values<E, m>& c) {
  Values<E, m> r;
  RC_UNROLL
  for (int i = 0; i < m; ++i) r.e[i] = fma(a.e[i], b.e[i], c.e[i]);
  return r;
}

// sum += c x, rounded once.
template <class E, int m>
RC_INLINE void add_product(Values<E, m>& sum, float c, const Values<E, m>& x) {
  RC_UNROLL
  for (int i = 0; i < m; ++i) sum.e[i] = fma(spread<E>(c), x.e[i], sum.e[i]);
}

}  // namespace rc
