// What a warp of a GPU of compute capability 8.0 or later can do beyond a portable block: products of
// matrices on tensor cores, copies behind its back, a fast exponential. For second bodies of kernels that
// have a portable one. The 32 lanes of a warp call these together. A matrix of 8x8 elements of 16 bits is one
// word a lane: lane l holds the element (l / 4, 2 (l % 4)) and the one to its right.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace rc {

struct Warp {
  // Four such matrices from shared memory, each as it lies there or `transposed`: lane 8 i + r says where row
  // r of matrix i begins, 16 bytes that lie together.
  template <bool transposed>
  static __device__ __forceinline__ void load(uint32_t (&matrix)[4], const void* row) {
    const auto from = uint32_t(__cvta_generic_to_shared(row));
    if constexpr (transposed)
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(matrix[0]), "=r"(matrix[1]), "=r"(matrix[2]), "=r"(matrix[3])
                   : "r"(from)
                   : "memory");
    else
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(matrix[0]), "=r"(matrix[1]), "=r"(matrix[2]), "=r"(matrix[3])
                   : "r"(from)
                   : "memory");
  }

  // sum [16, 8] += a [16, 16] b [16, 8], bf16 operands, fp32 sums. a: its quarters column after column; b:
  // its upper and lower half, transposed. Lane l holds of `sum` the elements (l / 4, 2 (l % 4)), the one to
  // its right, and the two that lie 8 rows below.
  static __device__ __forceinline__ void multiply_add(float (&sum)[4], const uint32_t (&a)[4], uint32_t upper,
                                                      uint32_t lower) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(upper), "r"(lower));
  }

  // What the lane holds whose number differs in the bits of `step`.
  static __device__ __forceinline__ float partner(float x, int step) {
    return __shfl_xor_sync(0xffffffffu, x, step);
  }

  // e^x within 2^-22 + |x| 2^-24 of itself: x log2 e is rounded, then 2^ of it is looked up.
  static __device__ __forceinline__ float exp(float x) {
    float y;
    asm("ex2.approx.f32 %0, %1;" : "=f"(y) : "f"(x * 1.44269504089f));
    return y;
  }

  // 16 bytes from global to shared memory, on their way until the lane waits for all that it sent.
  static __device__ __forceinline__ void copy(void* shared, const void* global) {
    asm volatile(
        "cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(uint32_t(__cvta_generic_to_shared(shared))),
        "l"(__cvta_generic_to_global(global))
        : "memory");
  }
  static __device__ __forceinline__ void wait_for_copies() {
    asm volatile("cp.async.wait_all;" ::: "memory");
  }
};

}  // namespace rc
