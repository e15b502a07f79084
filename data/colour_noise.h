// Gaussian noise in the colour space of video, as DeeperForensics-1.0 adds it (kind GNC).
#pragma once

#include "data/image.h"
#include "engine/rng.h"

namespace rc {

// Independent noise of variance `variance` on Y, Cb and Cr in units where a step of 1 is 255 grey levels of
// studio swing: 255 * 255 / 219 * sqrt(variance) levels of Y, 255 * 255 / 224 * sqrt(variance) of Cb and Cr.
// Then clipped to 0..255 and cut down to whole numbers, as there. Colours are converted by OpenCV's formulas.
void add_colour_noise(Image&, double variance, Rng);

}  // namespace rc
