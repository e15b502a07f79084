// Gaussian blur of 8-bit RGB images, in integers alone: the same pixels on every machine.
#pragma once

#include "data/image.h"

namespace rc {

inline constexpr int kLargestBlurRadius = 15;

// Convolves with the normalised Gaussian of 2 * radius + 1 weights on a side, mirrored at the border without
// repeating it: cv2.GaussianBlur with that kernel and sigma, bit for bit. Weights have 8 bits; a flat image
// stays as it is. 1 <= radius <= kLargestBlurRadius, sigma > 0.
void gaussian_blur(Image&, int radius, double sigma);

}  // namespace rc
