// Resampling of 8-bit RGB images, bit for bit as the libraries do it that detectors are trained with.
#pragma once

#include <string_view>
#include <vector>

#include "data/image.h"

namespace rc {

// The two of PIL widen their kernel with the scale (antialiased) and cover every input pixel; the two of
// OpenCV look at the nearest 2 or 4 pixels of each direction, whatever the scale, and alias where they
// shrink.
enum class Resampling {
  pil_bilinear,  // Image.BILINEAR, reducing_gap=None
  pil_bicubic,   // Image.BICUBIC, a = -0.5
  cv2_linear,    // cv2.INTER_LINEAR
  cv2_cubic,     // cv2.INTER_CUBIC, a = -0.75: DeepfakeBench's
};

// "pil-bilinear", "pil-bicubic", "cv2-linear", "cv2-cubic".
const std::vector<std::string>& resampling_names();
Resampling resampling_of(std::string_view name);  // an unknown name is a bug of the caller

// PIL: rows first, rounded to 8 bits between the passes, weights of 22 bits: integers alone decide the
// pixels. OpenCV: weights of 11 bits; halving both sides exactly is the mean of 2 x 2 pixels under
// cv2_linear, as there. Either way an image that has the size already comes back as it is.
Image resize(const Image&, int height, int width, Resampling = Resampling::pil_bilinear);

}  // namespace rc
