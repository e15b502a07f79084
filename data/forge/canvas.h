// Pictures and masks in floating point, square, for forging; and how they are blurred and resampled.
#pragma once

#include <vector>

#include "data/image.h"
#include "data/landmarks.h"

namespace rc {

struct Canvas {
  int size = 0;
  std::vector<float> rgb;  // [size, size, 3], 0 to 255, not clamped

  explicit Canvas(int side) : size(side), rgb(size_t(side) * size_t(side) * 3) {}
  explicit Canvas(const Image&);  // square
  float* at(int y, int x) { return rgb.data() + (size_t(y) * size_t(size) + size_t(x)) * 3; }
  const float* at(int y, int x) const { return rgb.data() + (size_t(y) * size_t(size) + size_t(x)) * 3; }

  // Bilinear, the border repeated.
  void sample(Point, float* rgb) const;
};

// How much of the forgery each pixel takes, 0 to 1.
struct Mask {
  int size = 0;
  std::vector<float> alpha;  // [size, size]

  explicit Mask(int side) : size(side), alpha(size_t(side) * size_t(side)) {}
  float& at(int y, int x) { return alpha[size_t(y) * size_t(size) + size_t(x)]; }
  float at(int y, int x) const { return alpha[size_t(y) * size_t(size) + size_t(x)]; }
};

// Rounded and clamped to 8 bits. An image that became a canvas comes back as it was.
Image to_image(const Canvas&);

// Gaussian, cut at three sigma, the border repeated. Nothing where sigma is 0.
void blur(Canvas&, float sigma);
void blur(Mask&, float sigma);

enum class Kernel { nearest, linear };

// `side` pixels across and back: down by the mean over each area or by taking one pixel, up by the given
// kernel. What generators and texture maps of a fixed resolution do to a face.
Canvas through_resolution(const Canvas&, int side, Kernel down, Kernel up);

}  // namespace rc
