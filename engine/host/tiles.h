// What our products on the CPU share: how an activation lies, how its channels fill vector registers, how
// threads part the work. Their inner loops are AVX-512, whatever the file is compiled for: only a processor
// that has it may enter them, and add pairs only one with AVX512_BF16. Intrinsics with a full mask stand
// where GCC 12 takes the undefined operand of the plain ones for a variable that nobody set.
#pragma once

#include <immintrin.h>
#include <omp.h>

#include <algorithm>
#include <cstdint>

#include "engine/device.h"
#include "engine/target.h"

#define RC_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define RC_AVX512_INLINE RC_AVX512 inline __attribute__((always_inline))

namespace rc {

// The same value for all 16 channels.
RC_AVX512_INLINE __m512 all(float v) { return _mm512_set1_ps(v); }

inline constexpr int64_t kVector = 16;  // 32-bit values of a register: so many channels at a time

// From the first to before the end.
struct Range {
  int64_t first, end;

  bool empty() const { return first >= end; }
};

// Where channels of pixels are: steps in elements.
struct Stored {
  int64_t rows, pixels;               // of an image, of a row
  int64_t image, row, pixel, vector;  // vector: from 16 channels to the next 16

  // Rows are counted over all images.
  int64_t at(int64_t r, int64_t p, int64_t v) const {
    return r / rows * image + r % rows * row + p * pixel + v * vector;
  }
};
// Of an activation whose channels lie side by side, all of them or by 16.
inline bool by_vectors(int64_t channels, int64_t block) { return block == channels || block == kVector; }
// The pixels that a 1x1 filter meets on either side of a convolution. With stride 1 an image is one row.
inline Stored met(int64_t height, int64_t width, int64_t channels, int64_t block, int64_t stride) {
  return {(height - 1) / stride + 1,
          (width - 1) / stride + 1,
          height * width * channels,
          stride * width * block,
          stride * block,
          block == kVector ? height * width * kVector : kVector};
}
inline Stored in_of_pointwise(const ConvDesc& d) {
  return d.stride == 1 ? met(1, d.h * d.w, d.c, d.in_block, 1) : met(d.h, d.w, d.c, d.in_block, d.stride);
}
inline Stored out_of_pointwise(const ConvDesc& d) {
  return d.stride == 1 ? met(1, d.h * d.w, d.k, d.out_block, 1) : met(d.p(), d.q(), d.k, d.out_block, 1);
}
// A 1x1 convolution with storages that the products take.
inline bool pointwise(const ConvDesc& d) {
  return d.r == 1 && d.s == 1 && d.pad == 0 && d.groups == 1 && by_vectors(d.c, d.in_block) &&
         by_vectors(d.k, d.out_block);
}

// 16 channels in memory; a mask leaves some alone, which read as zero.
RC_AVX512_INLINE __m512 load(const float* p, __mmask16 there = 0xffff) {
  return _mm512_maskz_loadu_ps(there, p);
}
RC_AVX512_INLINE __m512 load(const Bf16* p, __mmask16 there = 0xffff) {
  const __m512i wide = _mm512_maskz_cvtepu16_epi32(0xffff, _mm256_maskz_loadu_epi16(there, p));
  return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xffff, wide, 16));
}
RC_AVX512_INLINE void store(float* p, __m512 v, __mmask16 there = 0xffff) {
  there == 0xffff ? _mm512_storeu_ps(p, v) : _mm512_mask_storeu_ps(p, there, v);
}
RC_AVX512_INLINE void store(Bf16* p, __m512 v, __mmask16 there = 0xffff) {
  const __m256i narrow = (__m256i)_mm512_cvtneps_pbh(v);
  there == 0xffff ? _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), narrow)
                  : _mm256_mask_storeu_epi16(p, there, narrow);
}

// How a tile's registers share out channels: 3 vectors wide, some 2 where they do not divide by 3, 1 where
// there is but one.
struct Panels {
  int64_t channels;

  int64_t vectors() const { return (channels + kVector - 1) / kVector; }
  int64_t count() const { return (vectors() + 2) / 3; }
  int64_t begin(int64_t panel) const { return vectors() * panel / count(); }  // in vectors
  int width(int64_t panel) const { return int(begin(panel + 1) - begin(panel)); }
  // Which of its last vector's channels exist.
  uint16_t last(int64_t panel) const {
    const int64_t some = channels - (begin(panel + 1) - 1) * kVector;
    return uint16_t(some < kVector ? (1 << some) - 1 : 0xffff);
  }
};

// What a 32-bit factor is: a float, or two bf16 whose products are both added.
enum class Factors : uint8_t { floats, pairs };

// Sums for some rows by 16 * vectors columns, in registers; 24 of them hide an fma's latency of 4 on two
// units, and leave registers for the operands.
template <Factors factors, int rows, int vectors>
struct Sums {
  __m512 sum[rows][vectors];

  RC_AVX512_INLINE void clear() {
    RC_UNROLL
    for (auto& row : sum) {
      RC_UNROLL
      for (__m512& v : row) v = _mm512_setzero_ps();
    }
  }
  // Every row's value times every column's. Rows lie row_step apart, vectors vector_step.
  RC_AVX512_INLINE void add(const float* row, int64_t row_step, const float* vector, int64_t vector_step,
                            __mmask16 last) {
    const float* at[rows];
    RC_UNROLL
    for (int r = 0; r < rows; ++r) at[r] = row + r * row_step;
    add(at, 0, vector, vector_step, last);
  }
  // The same of rows that lie anywhere, their values `offset` behind where each begins.
  RC_AVX512_INLINE void add(const float* const (&row)[rows], int64_t offset, const float* vector,
                            int64_t vector_step, __mmask16 last) {
    __m512 factor[vectors];
    RC_UNROLL
    for (int v = 0; v < vectors; ++v) factor[v] = read(vector + v * vector_step, v, last);
    RC_UNROLL
    for (int r = 0; r < rows; ++r) {
      const __m512 x = _mm512_set1_ps(row[r][offset]);
      RC_UNROLL
      for (int v = 0; v < vectors; ++v) {
        if constexpr (factors == Factors::pairs)
          sum[r][v] = _mm512_dpbf16_ps(sum[r][v], (__m512bh)x, (__m512bh)factor[v]);
        else
          sum[r][v] = _mm512_fmadd_ps(x, factor[v], sum[r][v]);
      }
    }
  }
  // Vector v of a panel, of whose last one only some channels exist.
  RC_AVX512_INLINE static __m512 read(const float* p, int v, __mmask16 last) {
    return v < vectors - 1 ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(last, p);
  }
  RC_AVX512_INLINE static void write(float* p, int v, __mmask16 last, __m512 value) {
    v < vectors - 1 ? _mm512_storeu_ps(p, value) : _mm512_mask_storeu_ps(p, last, value);
  }
};

// At most 16 rows of at most 16 values, `step` apart, as `width` rows of `rows` values, `to_step` apart. What
// lies behind those, up to `filled`, becomes zero.
void transpose(const float* from, int64_t step, int64_t rows, int64_t width, float* to, int64_t to_step,
               int64_t filled);

// Calls body(first, end) on every thread, for its share of so many pieces of work.
template <class Body>
void shared_out(int64_t pieces, const Body& body) {
#pragma omp parallel if (pieces > 1)
  {
    const int64_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
    body(pieces * thread / threads, pieces * (thread + 1) / threads);
  }
}

}  // namespace rc
