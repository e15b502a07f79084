#include "data/blocks.h"

#include <algorithm>

namespace rc {

void cover_with_blocks(Image& image, int per_256, Rng rng) {
  constexpr int kSide = 8;
  const int blocks = std::min(image.height, image.width) / 256 * per_256;
  for (int b = 0; b < blocks; ++b) {
    const int x = int(rng.below(uint32_t(image.width - kSide))),
              y = int(rng.below(uint32_t(image.height - kSide)));
    for (int row = y; row < y + kSide; ++row) std::fill_n(image.at(row, x), 3 * kSide, uint8_t(128));
  }
}

}  // namespace rc
