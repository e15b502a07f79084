// Changes of an image's colours that keep every pixel in its place.
#pragma once

#include <array>

#include "data/image.h"

namespace rc {

// value * (1 + contrast) + 255 * brightness, rounded and cut to 0..255.
void brightness_contrast(Image&, float brightness, float contrast);

// value + shift of its channel, rounded and cut to 0..255.
void shift_channels(Image&, const std::array<float, 3>& shift);

// In the hexcone model (Smith, "Color gamut transform pairs", SIGGRAPH 1978): hue in sextants, saturation and
// value in 0..255, both cut to it.
void shift_hsv(Image&, float hue, float saturation, float value);

// The same for all pixels: 255 C draw, C the covariance of the image's colours in 0..1. With a normal `draw`
// of standard deviation s the shift has the covariance s^2 C^2, which is that of AlexNet's colour
// augmentation (Krizhevsky et al. 2012; "FancyPCA"): normal draws times eigenvalues along eigenvectors.
void shift_along_colours(Image&, const std::array<float, 3>& draw);

}  // namespace rc
