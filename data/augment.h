// Photometric and geometric augmentation of one training image, drawn from counter-based keys.
#pragma once

#include <cstdint>

#include "data/image.h"

namespace rc {

// Probabilities and ranges; the defaults are view 2 ("interference") of DeepfakeBench's recipe.
struct Augmentation {
  float flip = 0.5f;    // probability
  float crop = 0.1f;    // the crop's side is uniform in [1 - crop, 1] of the image's, at a uniform place
  float blur = 0.5f;    // probability; Gaussian, odd kernel 3..7
  float colour = 0.5f;  // probability of one of brightness/contrast +-0.1, hue/saturation/value shift
  float jpeg = 0.5f;    // probability of a JPEG round trip
  int jpeg_quality_min = 40, jpeg_quality_max = 100;

  static Augmentation none();   // evaluation
  static Augmentation light();  // view 1: flip and crop only
};

struct Augmented {
  Image image;        // size x size
  bool flip = false;  // to be mirrored by the device
};

// Geometry (crop, flip) is drawn from (seed, geometry_key), everything else from (seed, photometry_key).
Augmented augment(const Image&, const Augmentation&, int size, uint64_t seed, uint32_t epoch,
                  uint32_t geometry_key, uint32_t photometry_key);

}  // namespace rc
