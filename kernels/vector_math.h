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

// sum += c x, rounded once.
template <class E, int m>
RC_INLINE void add_product(Values<E, m>& sum, float c, const Values<E, m>& x) {
  RC_UNROLL
  for (int i = 0; i < m; ++i) sum.e[i] = fma(spread<E>(c), x.e[i], sum.e[i]);
}

}  // namespace rc
