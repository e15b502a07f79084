// Marks for code that also runs on the GPU or is compiled once per instruction set.
#pragma once

// RC_HD: host and device. RC_INLINE: the same and always inlined. Whatever a kernel file calls is RC_INLINE:
// an ordinary inline function that two instruction sets compile is one symbol, and the linker might keep the
// wrong one.
// RC_UNROLL: before a loop over an array that is to live in registers. RC_ROLLED: before one whose rounds GCC
// would write out, with an address on the stack for each of their loads.
#ifdef __CUDACC__
#define RC_HD __host__ __device__
#define RC_INLINE __host__ __device__ __forceinline__
#else
#define RC_HD
#define RC_INLINE inline __attribute__((always_inline))
#endif
#if defined(__CUDA_ARCH__)
#define RC_UNROLL _Pragma("unroll")
#define RC_ROLLED
#elif defined(__CUDACC__)
#define RC_UNROLL
#define RC_ROLLED
#else
#define RC_UNROLL _Pragma("GCC unroll 16")
#define RC_ROLLED _Pragma("GCC unroll 1")
#endif
