#include "data/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "data/blur.h"
#include "data/resize.h"
#include "engine/rng.h"

namespace rc {
namespace {

uint8_t to_byte(float x) { return uint8_t(std::clamp(x + 0.5f, 0.0f, 255.0f)); }

// Sides and place are fractions, so that images of other sizes are cut alike.
Image crop(const Image& image, float side, float down, float right) {
  const int height = std::max(1, int(float(image.height) * side + 0.5f)),
            width = std::max(1, int(float(image.width) * side + 0.5f));
  const int top = int(float(image.height - height + 1) * down),
            left = int(float(image.width - width + 1) * right);
  Image out(height, width);
  for (int y = 0; y < height; ++y) std::memcpy(out.at(y, 0), image.at(top + y, left), size_t(width) * 3);
  return out;
}

void brightness_contrast(Image& image, float brightness, float contrast) {
  std::array<uint8_t, 256> table;
  for (int v = 0; v < 256; ++v) table[size_t(v)] = to_byte(float(v) * (1 + contrast) + 255 * brightness);
  for (uint8_t& value : image.rgb) value = table[value];
}

// The hexcone model (Smith, "Color gamut transform pairs", SIGGRAPH 1978); hue in sextants, saturation and
// value in 0..255.
void shift_hsv(Image& image, float hue, float saturation, float value) {
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    uint8_t* p = &image.rgb[i];
    const float r = p[0], g = p[1], b = p[2], high = std::max({r, g, b}), span = high - std::min({r, g, b});
    float h = 0;
    if (span > 0) h = high == r ? (g - b) / span : high == g ? 2 + (b - r) / span : 4 + (r - g) / span;
    h += hue;
    h -= 6 * std::floor(h / 6);
    const float s = std::clamp((high > 0 ? span / high * 255 : 0) + saturation, 0.0f, 255.0f);
    const float v = std::clamp(high + value, 0.0f, 255.0f), new_span = v * s / 255;
    const float n[3] = {5, 3, 1};  // channel = v - span * clamp(min(k, 4 - k), 0, 1) with k = (n + h) mod 6
    for (int c = 0; c < 3; ++c) {
      const float k = n[c] + h < 6 ? n[c] + h : n[c] + h - 6;
      p[c] = to_byte(v - new_span * std::clamp(std::min(k, 4 - k), 0.0f, 1.0f));
    }
  }
}

}  // namespace

Augmented augment(const Image& image, const Augmentation& how, int size, uint64_t seed, uint32_t epoch,
                  uint32_t geometry_key, uint32_t photometry_key) {
  Rng geometry(seed, Purpose::augment, 2 * epoch, geometry_key),
      photometry(seed, Purpose::augment, 2 * epoch + 1, photometry_key);
  Augmented out;
  out.flip = geometry.coin(how.flip);
  const float side = 1 - how.crop * geometry.uniform(), down = geometry.uniform(), right = geometry.uniform();
  out.image = resize(side < 1 ? crop(image, side, down, right) : image, size, size);

  if (photometry.coin(how.blur)) {
    const int radius = 1 + int(photometry.below(3));
    gaussian_blur(out.image, radius, 0.3 * (radius - 1) + 0.8);  // cv2.getGaussianKernel for sigma <= 0
  }
  if (photometry.coin(how.colour)) {
    const bool tone = photometry.coin(0.5f);
    const float a = photometry.uniform(-1, 1), b = photometry.uniform(-1, 1), c = photometry.uniform(-1, 1);
    if (tone)
      brightness_contrast(out.image, 0.1f * a, 0.1f * b);
    else
      shift_hsv(out.image, a * 40 / 60, b * 30, c * 20);
  }
  if (photometry.coin(how.jpeg)) {
    const int quality = how.jpeg_quality_min +
                        int(photometry.below(uint32_t(how.jpeg_quality_max - how.jpeg_quality_min + 1)));
    out.image = decode_image(encode_jpeg(out.image, quality), "augmented image");
  }
  return out;
}

}  // namespace rc
