// Photometric and geometric augmentation of one training image, drawn from counter-based keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/image.h"
#include "data/network_input.h"

namespace rc {

// Probabilities and ranges of what may happen to an image; nothing does by default.
struct Augmentation {
  // Probability.
  float flip = 0;
  // The crop's sides are 1 - u of the image's, u uniform in [0, crop], at a uniform place.
  float crop = 0;
  // Probability; Gaussian, kernel 3, 5 or 7 with sigma 0.8, 1.1 or 1.4 (OpenCV's rule).
  float blur = 0;
  // Probability of one of three: brightness and contrast +-0.1; hue +-40 degrees, saturation +-30, value +-20
  // of 255; a shift along the image's own colours (shift_along_colours, strength 0.1).
  float colour = 0;
  // Probability of a JPEG round trip, quality uniform in jpeg_quality_min..max.
  float jpeg = 0;
  int jpeg_quality_min = 40, jpeg_quality_max = 100;
  // Of three, one with the same probability: nothing; a black rectangle of 2 to 20 % of the area, ratio 1/2
  // to 2; a crop of 1/1.3 to all of the area, ratio 0.9 to 1.1.
  bool erase_or_crop = false;
  // Probability of each of three: every channel shifted by +-20 of 255; hue, saturation and value by +-0.3
  // levels; brightness and contrast by +-0.3.
  float tones = 0;
  // Fakes are reals of the same batch blended with themselves (self_blended.h) before anything else is done
  // to them.
  bool self_blended = false;

  static Augmentation none() { return {}; }                             // decode and resize
  static Augmentation light() { return {.flip = 0.5f, .crop = 0.1f}; }  // flip and crop
  static Augmentation dfb() {                                           // DeepfakeBench's training recipe
    return {.flip = 0.5f, .blur = 0.5f, .colour = 0.5f, .jpeg = 0.5f};
  }
  static Augmentation sbi() {  // of self-blended images
    return {.flip = 0.5f, .crop = 0.1f, .jpeg = 0.5f, .tones = 0.3f, .self_blended = true};
  }
  static Augmentation core_raaug() { return {.flip = 0.5f, .erase_or_crop = true}; }  // "RaAug" of CORE
};

// What the views of a training image go through, by the recipe's name. Under "dfb" the first of two views is
// light and the last is DeepfakeBench's; under the others all are alike. An unknown
// name is a bug of the caller.
const std::vector<std::string>& augmentation_presets();
std::vector<Augmentation> preset_views(const std::string& name, int views);

struct Augmented {
  Image image;        // input.size on each side
  bool flip = false;  // to be mirrored by the device
};

// In this order: crop, resize, erase, blur, colour, tones, JPEG. Geometry (crop, erase, flip) is drawn from
// (seed, epoch, geometry_key), the rest from (seed, epoch, photometry_key): images of equal size and geometry
// key stay pixel-aligned.
Augmented augment(const Image&, const Augmentation&, const NetworkInput&, uint64_t seed, uint32_t epoch,
                  uint32_t geometry_key, uint32_t photometry_key);

}  // namespace rc
