// Photometric and geometric augmentation of one training image, drawn from counter-based keys.
#pragma once

#include <cstdint>

#include "data/image.h"

namespace rc {

// Probabilities and ranges; the defaults are view 2 ("interference") after DeepfakeBench's training recipe.
struct Augmentation {
  // Probability.
  float flip = 0.5f;
  // The crop's sides are 1 - u of the image's, u uniform in [0, crop], at a uniform place.
  float crop = 0.1f;
  // Probability; Gaussian, kernel 3, 5 or 7 with sigma 0.8, 1.1 or 1.4 (OpenCV's rule).
  float blur = 0.5f;
  // Probability of either brightness and contrast +-0.1, or hue +-40 degrees, saturation +-30, value +-20 of
  // 255.
  float colour = 0.5f;
  // Probability of a JPEG round trip, quality uniform in jpeg_quality_min..max.
  float jpeg = 0.5f;
  int jpeg_quality_min = 40, jpeg_quality_max = 100;

  static Augmentation none() { return {0, 0, 0, 0, 0}; }         // evaluation: decode and resize
  static Augmentation light() { return {0.5f, 0.1f, 0, 0, 0}; }  // view 1: flip and crop only
};

struct Augmented {
  Image image;        // size x size
  bool flip = false;  // to be mirrored by the device
};

// In this order: crop, resize to size x size, blur, colour, JPEG. Geometry (crop, flip) is drawn from (seed,
// epoch, geometry_key), the rest from (seed, epoch, photometry_key): images of equal size and geometry key
// stay pixel-aligned.
Augmented augment(const Image&, const Augmentation&, int size, uint64_t seed, uint32_t epoch,
                  uint32_t geometry_key, uint32_t photometry_key);

}  // namespace rc
