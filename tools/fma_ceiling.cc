#include "tools/fma_ceiling.h"

#include <immintrin.h>

#include <cstdint>

#include "tools/best_time.h"

namespace rc {
namespace {

// Independent chains: more than latency times units asks for (4 * 2), and all in registers.
constexpr int kChains = 12;

__attribute__((target("avx512f"))) float chains_avx512(int64_t rounds) {
  const __m512 factor = _mm512_set1_ps(0.5f), term = _mm512_set1_ps(1);
  __m512 x[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) x[i] = _mm512_set1_ps(float(i));
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) x[i] = _mm512_fmadd_ps(x[i], factor, term);
  }
  __m512 sum = x[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i) sum = _mm512_add_ps(sum, x[i]);
  return _mm512_cvtss_f32(sum);
}

__attribute__((target("avx2,fma"))) float chains_avx2(int64_t rounds) {
  const __m256 factor = _mm256_set1_ps(0.5f), term = _mm256_set1_ps(1);
  __m256 x[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) x[i] = _mm256_set1_ps(float(i));
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) x[i] = _mm256_fmadd_ps(x[i], factor, term);
  }
  __m256 sum = x[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i) sum = _mm256_add_ps(sum, x[i]);
  return _mm256_cvtss_f32(sum);
}

}  // namespace

double measure_fma_ceiling(int threads) {
  constexpr int64_t kRounds = 4'000'000;  // about 10 ms
  const bool wide = __builtin_cpu_supports("avx512f");
  return best_flop_rate(threads, 2.0 * kChains * (wide ? 16 : 8), kRounds,
                        wide ? chains_avx512 : chains_avx2);
}

}  // namespace rc
