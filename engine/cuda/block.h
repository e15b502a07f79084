// The block of a kernel on the GPU: a CUDA thread block. Included by block.h under nvcc.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <string>

#include "engine/cuda/warp.h"
#include "engine/error.h"
#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

extern __shared__ uint4 rc_dynamic_shared[];

class CudaBlock {
 public:
  using Warp = rc::Warp;  // of a body that is written for it, beside a portable one
  __device__ __forceinline__ int64_t index() const { return blockIdx.x; }
  __device__ __forceinline__ int lane() const { return int(threadIdx.x); }
  __device__ __forceinline__ int lanes() const { return int(blockDim.x); }
  __device__ __forceinline__ void sync() const { __syncthreads(); }
  template <class T>
  __device__ __forceinline__ T sum(T x) const {
    return reduce(x, [](T a, T b) { return T(a + b); });
  }
  template <class T>
  __device__ __forceinline__ T max(T x) const {
    return reduce(x, [](T a, T b) { return a > b ? a : b; });
  }
  template <class T>
  __device__ __forceinline__ T* shared(int64_t n) {
    T* p = reinterpret_cast<T*>(reinterpret_cast<char*>(rc_dynamic_shared) + taken_);
    taken_ += int((n * int64_t(sizeof(T)) + 15) / 16 * 16);
    return p;
  }

 private:
  // A butterfly in each warp, then one over the warps' results: a fixed tree, so the same bits every run.
  template <class T, class Join>
  __device__ __forceinline__ T reduce(T x, Join join) const {
    __shared__ T partial[32];
    const int warp = lane() / 32, warps = lanes() / 32;
    for (int step = 16; step > 0; step /= 2) x = join(x, __shfl_xor_sync(0xffffffffu, x, step));
    if (lane() % 32 == 0) partial[warp] = x;
    __syncthreads();
    x = partial[0];
    for (int i = 1; i < warps; ++i) x = join(x, partial[i]);
    __syncthreads();
    return x;
  }

  int taken_ = 0;
};

// Lanes and shared memory are in the name for ptxas' report. They are no __launch_bounds__: told the lanes,
// ptxas spills registers to fit one more block. As many as a thread can have, 255, fit 256 threads.
template <class Kernel, int lanes, size_t shared>
__global__ void rc_kernel(const __grid_constant__ Kernel kernel) {
  static_assert(lanes % 32 == 0 && lanes <= 256);
  kernel(CudaBlock());
}

template <Target target, class Kernel>
void enter(const Kernel& kernel, const Grid& grid, void* queue) {
  static_assert(target == Target::cuda);
  constexpr size_t kWithoutAsking = 48 << 10;
  constexpr int most = lanes_of<Kernel>();
  constexpr auto entry = rc_kernel<Kernel, most, shared_of<Kernel>()>;
  const int lanes = grid.lanes > 0 ? grid.lanes : most;
  const size_t shared = shared_of<Kernel>() + grid.shared;
  cudaError_t status = lanes <= most ? cudaSuccess : cudaErrorInvalidConfiguration;
  if (status == cudaSuccess && shared > kWithoutAsking)
    status = cudaFuncSetAttribute(entry, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared));
  if (status == cudaSuccess) {
    entry<<<dim3(unsigned(grid.blocks)), dim3(unsigned(lanes)), shared, static_cast<cudaStream_t>(queue)>>>(
        kernel);
    status = cudaGetLastError();
  }
  if (status != cudaSuccess)
    throw Error(Exit::device, std::string("CUDA: a kernel did not start: ") + cudaGetErrorString(status),
                std::to_string(grid.blocks) + " blocks of " + std::to_string(lanes) + " threads");
}

}  // namespace rc
