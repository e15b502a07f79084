// Grey blocks over an image, as DeeperForensics-1.0 lays them (kind BW).
#pragma once

#include "data/image.h"
#include "engine/rng.h"

namespace rc {

// min(height, width) / 256 * `per_256`, the quotient a whole number, squares of 8 x 8 and grey 128 at uniform
// places; they may overlap, and as there none touches the last row or column. An image with a side below 256
// therefore stays as it is.
void cover_with_blocks(Image&, int per_256, Rng);

}  // namespace rc
