// The block that a kernel's body runs in. Only files of kernels/ include this.
//
// Every loop of a kernel runs `for (int64_t i = block.lane(); i < n; i += block.lanes())`. Lanes meet only
// through sync, sum, max and shared memory; a kernel is right for any number of lanes, one included. On the
// CPU a block is one lane and OpenMP shares out the blocks, so the loops vectorise as plain loops.
#pragma once

#include <cstdint>
#include <cstring>

#include "engine/dtype.h"
#include "engine/launch.h"
#include "engine/target.h"

#if defined(__CUDACC__)
#include "engine/cuda/block.h"
#else
#include "engine/host/fibers.h"
#endif

namespace rc {

// N neighbours in memory, moved as one vector where the machine has it (16 bytes on the GPU).
template <class T, int N>
struct Pack {
  alignas(sizeof(T) * N <= 16 ? sizeof(T) * N : 16) T v[N];
  RC_INLINE float operator[](int i) const { return float(v[i]); }
  RC_INLINE void set(int i, float x) { v[i] = T(x); }
};
template <class T, int N>
RC_INLINE Pack<T, N> load(const T* p) {  // p aligned to 16 bytes, or to the pack if that is smaller
  return *reinterpret_cast<const Pack<T, N>*>(p);
}
template <class T, int N>
RC_INLINE void store(T* p, const Pack<T, N>& x) {
  *reinterpret_cast<Pack<T, N>*>(p) = x;
}

#if !defined(__CUDACC__)

// One lane a block. The target is part of the type, so that code for two instruction sets never shares a
// symbol.
template <Target target>
class OneLane {
 public:
  RC_INLINE OneLane(int64_t index, char* shared) : index_(index), shared_(shared) {}
  RC_INLINE int64_t index() const { return index_; }  // of the block in the grid
  static constexpr int lane() { return 0; }           // of this lane in the block
  static constexpr int lanes() { return 1; }
  RC_INLINE void sync() const {}  // all lanes arrive, and see what the others wrote
  template <class T>
  RC_INLINE T sum(T x) const {
    return x;
  }  // over lanes; every lane gets it; a barrier
  template <class T>
  RC_INLINE T max(T x) const {
    return x;
  }
  template <class T>
  RC_INLINE T* shared(int64_t n) {  // n values, uninitialised, the same address for all lanes
    T* p = reinterpret_cast<T*>(shared_);
    shared_ += (n * int64_t(sizeof(T)) + 15) / 16 * 16;
    return p;
  }

 private:
  int64_t index_;
  char* shared_;
};

template <Target target, class Kernel>
void enter(const Kernel& kernel, const Grid& grid, void*) {
  const size_t bytes = shared_of<Kernel>() + grid.shared;
  if constexpr (target == Target::fibers) {
    run_fibers({.blocks = grid.blocks, .shared = bytes}, [&](Fiber block) { kernel(block); });
  } else {
#pragma omp parallel if (grid.blocks > 1)
    {
      alignas(64) char small[49152];  // what a block of the GPU has
      char* shared = bytes <= sizeof small ? small : new char[bytes];
#pragma omp for schedule(static)
      for (int64_t i = 0; i < grid.blocks; ++i) kernel(OneLane<target>(i, shared));
      __builtin_ia32_sfence();  // what went past the caches is seen by all before the next kernel
      if (shared != small) delete[] shared;
    }
  }
}

#endif

}  // namespace rc
