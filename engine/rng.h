// Counter-based random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011). A draw depends on (seed, purpose, a, b) alone, never on the thread, the device or what was drawn
// before.
#pragma once

#include <cstdint>

#include "engine/target.h"

namespace rc {

// What a draw is for; two purposes never share numbers. Values are part of every run's reproducibility:
// append only.
enum class Purpose : uint32_t {
  init = 1,
  sampler = 2,
  augment = 3,
  forge = 4,
  synthesis = 5,  // hard positives, fused negatives
  bootstrap = 6,
  dropout = 7,
  perturbation = 8,
  test = 99,
};

class Rng {
 public:
  RC_INLINE Rng(uint64_t seed, Purpose purpose, uint32_t a = 0, uint32_t b = 0)
      : key_{uint32_t(seed), uint32_t(seed >> 32)}, counter_{0, uint32_t(purpose), a, b} {}

  // Uniform 32-bit words, in order.
  RC_INLINE uint32_t next() {
    if (used_ == 4) {
      block();
      used_ = 0;
    }
    return out_[used_++];
  }
  // Uniform in [0, 1) with 24 bits; never 1.
  RC_INLINE float uniform() { return float(next() >> 8) * 0x1p-24f; }
  // Uniform in (0, 1], safe under a logarithm.
  RC_INLINE float uniform_open0() { return float((next() >> 8) + 1) * 0x1p-24f; }
  RC_INLINE float uniform(float lo, float hi) { return lo + (hi - lo) * uniform(); }
  // Uniform in [0, n), n > 0, by multiply-shift; bias below n / 2^32.
  RC_INLINE uint32_t below(uint32_t n) { return uint32_t((uint64_t(next()) * n) >> 32); }
  RC_INLINE bool coin(float p) { return uniform() < p; }

 private:
  RC_INLINE void block() {
    uint32_t c[4] = {counter_[0], counter_[1], counter_[2], counter_[3]}, k0 = key_[0], k1 = key_[1];
    for (int round = 0; round < 10; ++round) {
      const uint64_t p0 = 0xD2511F53ull * c[0], p1 = 0xCD9E8D57ull * c[2];
      const uint32_t n0 = uint32_t(p1 >> 32) ^ c[1] ^ k0, n2 = uint32_t(p0 >> 32) ^ c[3] ^ k1;
      c[0] = n0, c[1] = uint32_t(p1), c[2] = n2, c[3] = uint32_t(p0);
      k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < 4; ++i) out_[i] = c[i];
    ++counter_[0];
  }
  uint32_t key_[2], counter_[4], out_[4] = {};
  int used_ = 4;
};

}  // namespace rc
