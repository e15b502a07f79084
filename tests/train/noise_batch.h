// Images of noise, real and fake in turn, two neighbours a pair, one of them mirrored: nothing but memory can
// tell them apart.
#pragma once

#include <cstdint>

#include "data/loader.h"
#include "engine/rng.h"

namespace rc {

inline Batch noise_batch(int count, int size, int64_t step = 0) {
  Batch b;
  b.count = count, b.size = size;
  Rng rng(1, Purpose::test, uint32_t(step));
  for (int i = 0; i < count * size * size * 3; ++i) b.pixels.push_back(uint8_t(rng.below(256)));
  for (int i = 0; i < count; ++i)
    b.flip.push_back(uint8_t(i == 3)), b.label.push_back(i % 2), b.tuple.push_back(i / 2);
  return b;
}

}  // namespace rc
