// Resampling of 8-bit RGB images.
#pragma once

#include "data/image.h"

namespace rc {

// Triangle filter whose support grows with the scale (antialiased bilinear), as PIL's Image.BILINEAR with reducing_gap=None.
Image resize(const Image&, int height, int width);

}  // namespace rc
