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
RC_INLINE E exp_normal(const E& x) {
  E r;
  for (size_t i = 0; i < sizeof(E) / sizeof(float); ++i) r[i] = exp_normal(x[i]);
  return r;
}
template <class E>
RC_INLINE E one_plus_exp_minus(const E& x) {  // ?: on whole vectors: element by element GCC makes more of it
  const E least = spread<E>(kLeastPower), greatest = spread<E>(kGreatestPower);
  E power = -x;
  power = power > greatest ? greatest : power;
  power = power < least ? least : power;
  return spread<E>(1) + exp_normal(power);
}

// silu(x), and its derivative s (1 + x (1 - s)), s = sigmoid(x).
template <class E, int m>
RC_INLINE Values<E, m> silu(const Values<E, m>& x) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) r.e[i] = x.e[i] / one_plus_exp_minus(x.e[i]);
  return r;
}
template <class E, int m>
RC_INLINE Values<E, m> silu_slope(const Values<E, m>& x) {
  Values<E, m> r;
  for (int i = 0; i < m; ++i) {
    const E s = spread<E>(1) / one_plus_exp_minus(x.e[i]);
    r.e[i] = fma(x.e[i] * s, spread<E>(1) - s, s);
  }
  return r;
}

// sum += c x, rounded once.
template <class E, int m>
RC_INLINE void add_product(Values<E, m>& sum, float c, const Values<E, m>& x) {
  RC_UNROLL
  for (int i = 0; i < m; ++i) sum.e[i] = fma(spread<E>(c), x.e[i], sum.e[i]);
}

}  // namespace rc
