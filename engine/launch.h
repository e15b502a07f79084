// What a kernel is, and how one is started on the device that was chosen at run time.
//
// A kernel is a struct of arguments with `Grid grid() const` and `template <class Block> RC_HD void
// operator()(Block) const`. It may state two constants, what a block has on the GPU:
//   kLanes, its threads, a multiple of 32; 256, which is the most, if it states none;
//   kShared, bytes that it takes by Block::shared, each request rounded up to 16; 0 if it states none.
// Its body lives in kernels/<family>.cc, which is compiled once per target and ends with one line per kernel:
//   template void rc::enter<rc::Target::RC_TARGET>(const rc::Scale&, const rc::Grid&, void*);
#pragma once

#include <cstddef>
#include <cstdint>

namespace rc {

enum class Target : uint8_t {
  v3,      // CPU, AVX2 and FMA (x86-64-v3)
  avx512,  // CPU, x86-64-v4
  fibers,  // CPU, many lanes a block: the test of barriers, never in the program
  cuda,    // GPU
};

// Blocks are independent and may run in any order or at once; lanes of a block meet in Block::sync() and its
// kin.
struct Grid {
  int64_t blocks = 1;
  int lanes = 0;      // where they depend on the shape: at most kLanes; 0: kLanes
  size_t shared = 0;  // where they depend on the shape: bytes beside kShared
};

template <class Kernel>
constexpr int lanes_of() {
  if constexpr (requires { Kernel::kLanes; })
    return Kernel::kLanes;
  else
    return 256;
}
template <class Kernel>
constexpr size_t shared_of() {
  if constexpr (requires { Kernel::kShared; })
    return Kernel::kShared;
  else
    return 0;
}

// Runs a kernel's blocks on one target. `queue` is the CUDA stream, null elsewhere. Defined where block.h is
// included.
template <Target target, class Kernel>
void enter(const Kernel&, const Grid&, void* queue);

// Where a kernel is to run: the instruction set of this processor, or a CUDA stream.
struct Where {
  Target target;
  void* queue = nullptr;
  size_t cached = SIZE_MAX;  // bytes of an activation that the CPU's caches are left to hold

  bool past_caches(size_t bytes) const { return bytes > cached; }  // how one of so many is to be written
};

template <class Kernel>
void launch(const Where& where, const Kernel& kernel) {
  const Grid grid = kernel.grid();
  if (grid.blocks == 0) return;
  switch (where.target) {
    case Target::v3:
      return enter<Target::v3>(kernel, grid, nullptr);
    case Target::avx512:
      return enter<Target::avx512>(kernel, grid, nullptr);
#ifdef RC_CUDA
    case Target::cuda:
      return enter<Target::cuda>(kernel, grid, where.queue);
#endif
    default:
      return;
  }
}

}  // namespace rc
