// What keeps a body's values in registers where its loops are short: they are written out when the body is
// compiled, so that every index of a small array is a constant.
#pragma once

#include <utility>

#include "kernels/vector_math.h"
#include "kernels/width.h"

// Behind the parameters of a lambda that is written out where it is called.
#define RC_WRITTEN_OUT __attribute__((always_inline))

namespace rc {

// A number that is part of a type; std::integral_constant is not callable on the GPU.
template <int n>
struct Constant {
  RC_INLINE constexpr operator int() const { return n; }
};

template <class Body, int... i>
RC_INLINE void each_constant(std::integer_sequence<int, i...>, Body body) {
  (body(Constant<i>()), ...);
}

// body(0), ..., body(n - 1), each argument a Constant.
template <int n, class Body>
RC_INLINE void unrolled(Body body) {
  each_constant(std::make_integer_sequence<int, n>(), body);
}

// read() of what is used several times: GCC would rather read it again from memory for each use.
template <class W, class T>
RC_INLINE typename W::Type read_once(W width, const T* p) {
  typename W::Type v = read(width, p);
#if !defined(__CUDACC__)
  if constexpr (W::Type::each > 1)
    for (auto& e : v.e) asm("" : "+v"(e));
#endif
  return v;
}

// Asks for n times W's values, `step` apart, that will be read or written soon: the processor's own foresight
// ends with a page, and sees no pattern in short rows. Where they lie in two cache lines it is for the
// second: the first has their neighbours, that were before them. Nothing on the GPU, where other warps fill
// the wait.
template <int n, bool to_write = false, class W, class T>
RC_INLINE void expect(W, const T* p, int64_t step) {
#if !defined(__CUDACC__)
  unrolled<n>([&](auto i) RC_WRITTEN_OUT { __builtin_prefetch(p + i * step + (W::size - 1), to_write, 3); });
#endif
}

// sum += a b, element by element, rounded once.
template <class E, int m>
RC_INLINE void add_products(Values<E, m>& sum, const Values<E, m>& a, const Values<E, m>& b) {
  RC_UNROLL
  for (int i = 0; i < m; ++i) sum.e[i] = fma(a.e[i], b.e[i], sum.e[i]);
}

}  // namespace rc
