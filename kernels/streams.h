// Writing past the CPU's caches. It pays for an activation that they cannot hold, whose first lines are gone
// before anybody reads them: a line that is written whole need not come from memory first. Included by bodies
// alone.
#pragma once

#include "kernels/width.h"

namespace rc {

// Whether every pixel begins with a cache line.
template <class T>
RC_INLINE bool pixels_begin_lines(const T* p, int64_t stride) {
  return (uintptr_t(p) | uintptr_t(stride) * sizeof(T)) % 64 == 0;
}

#if !defined(__CUDACC__)
// p: a multiple of the vector's size. Neighbours that fill a line are to follow each other.
template <class E>
RC_INLINE void write_past_caches(void* p, const E& v) {
#if defined(__clang__)
  __builtin_nontemporal_store(v, static_cast<E*>(p));
#else
  if constexpr (sizeof v == 32) {
    __builtin_ia32_movntps256(static_cast<float*>(p), (Vector<8>::Float)v);
  } else {
#if defined(__AVX512F__)
    __builtin_ia32_movntps512(static_cast<float*>(p), (Vector<16>::Float)v);
#endif
  }
#endif
}
#endif

// As write(width, p, v) does; past the caches if so told, where that is whole lines. p: in an activation
// whose pixels begin lines.
template <class W, class T>
RC_INLINE void write(W width, T* p, const typename W::Type& v, bool past_caches) {
#if !defined(__CUDACC__)
  if constexpr (W::each > 1 && W::size * sizeof(T) % 64 == 0) {
    if (past_caches) {
      if constexpr (W::order == Order::paired) {
        for (int i = 0; i < W::size / W::each; i += 2)
          write_past_caches(p + i * W::each, halves_of(v.e[i], v.e[i + 1]));
      } else {
        for (int i = 0; i < W::size / W::each; ++i) write_past_caches(p + i * W::each, v.e[i]);
      }
      return;
    }
  }
#endif
  write(width, p, v);
}

}  // namespace rc
