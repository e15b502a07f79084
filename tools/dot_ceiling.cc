#include "tools/dot_ceiling.h"

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "tools/best_time.h"

namespace rc {
namespace {

constexpr int kChains = 12;  // independent ones, all in registers: more than latency times units asks for
constexpr int kTiles = 4;    // sums; four more tiles hold the factors

// What cpuid says of leaf 7: AMX-BF16 and AMX-TILE in edx, AVX512_BF16 in eax of subleaf 1.
bool cpu_has(int subleaf, bool in_edx, int bit) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__get_cpuid_count(7, unsigned(subleaf), &eax, &ebx, &ecx, &edx)) return false;
  return ((in_edx ? edx : eax) >> bit & 1) != 0;
}

bool has_avx512_bf16() { return __builtin_cpu_supports("avx512f") && cpu_has(1, false, 5); }

// The tiles' state is large, so Linux gives it to a process that asks. Threads share the permission.
bool has_amx() {
  constexpr long kTileData = 18;    // XFEATURE_XTILEDATA
  constexpr int kRequest = 0x1023;  // ARCH_REQ_XCOMP_PERM
  return cpu_has(0, true, 22) && cpu_has(0, true, 24) && ::syscall(SYS_arch_prctl, kRequest, kTileData) == 0;
}

// FLOPs of a round: a sum takes two products for each of 16 lanes.
constexpr double kDotFlops = 2.0 * 2 * 16 * kChains;
__attribute__((target("avx512f,avx512bf16"))) float dots(int64_t rounds) {
  const __m512bh half = (__m512bh)_mm512_set1_epi16(0x3F00);  // 0.5
  __m512 x[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) x[i] = _mm512_set1_ps(float(i));
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) x[i] = _mm512_dpbf16_ps(x[i], half, half);
  }
  __m512 sum = x[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i) sum = _mm512_add_ps(sum, x[i]);
  return _mm512_cvtss_f32(sum);
}

// FLOPs of a round: four products of tiles, 16 x 32 by 32 x 16.
constexpr double kTileFlops = 2.0 * 16 * 16 * 32 * kTiles;
__attribute__((target("amx-tile,amx-bf16"))) float tiles(int64_t rounds) {
  struct alignas(64) Configuration {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  } configuration;
  static_assert(sizeof(Configuration) == 64);
  for (int t = 0; t < 2 * kTiles; ++t) configuration.row_bytes[t] = 64, configuration.rows[t] = 16;
  _tile_loadconfig(&configuration);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  for (int64_t r = 0; r < rounds; ++r) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  alignas(64) float sum[16 * 16];
  _tile_stored(0, sum, 64);
  _tile_release();
  return sum[0];
}

}  // namespace

DotCeiling measure_dot_ceiling(int threads) {
  DotCeiling best;  // each measured for some milliseconds
  if (has_avx512_bf16()) best = {best_flop_rate(threads, kDotFlops, 2'000'000, dots), "AVX512_BF16"};
  if (has_amx()) {
    const double amx = best_flop_rate(threads, kTileFlops, 200'000, tiles);
    if (amx > best.flop_per_second) best = {amx, "AMX"};
  }
  return best;
}

}  // namespace rc
