#include "data/colour_shift.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace rc {
namespace {

uint8_t to_byte(float x) { return uint8_t(std::clamp(x + 0.5f, 0.0f, 255.0f)); }

}  // namespace

void brightness_contrast(Image& image, float brightness, float contrast) {
  std::array<uint8_t, 256> table;
  for (int v = 0; v < 256; ++v) table[size_t(v)] = to_byte(float(v) * (1 + contrast) + 255 * brightness);
  for (uint8_t& value : image.rgb) value = table[value];
}

void shift_channels(Image& image, const std::array<float, 3>& shift) {
  for (size_t c = 0; c < 3; ++c) {
    std::array<uint8_t, 256> table;
    for (int v = 0; v < 256; ++v) table[size_t(v)] = to_byte(float(v) + shift[c]);
    for (size_t i = c; i < image.rgb.size(); i += 3) image.rgb[i] = table[image.rgb[i]];
  }
}

// In blocks of pixels, a channel after the other, so that what is done to one is done to many at once.
void shift_hsv(Image& image, float hue, float saturation, float value) {
  constexpr size_t kBlock = 64;
  float channel[3][kBlock] = {};
  for (size_t first = 0; first < image.rgb.size(); first += 3 * kBlock) {
    uint8_t* rgb = &image.rgb[first];
    const size_t count = std::min(kBlock, (image.rgb.size() - first) / 3);
    for (size_t i = 0; i < count; ++i)
      for (size_t c = 0; c < 3; ++c) channel[c][i] = rgb[3 * i + c];
#pragma omp simd
    for (size_t i = 0; i < kBlock; ++i) {
      const float r = channel[0][i], g = channel[1][i], b = channel[2][i], high = std::max(std::max(r, g), b),
                  span = high - std::min(std::min(r, g), b), some = span > 0 ? span : 1;
      float h = high == r ? (g - b) / some : high == g ? 2 + (b - r) / some : 4 + (r - g) / some;
      h = (span > 0 ? h : 0) + hue;
      h = h < 0 ? h + 6 : h < 6 ? h : h - 6;  // |hue| is at most 5
      const float s =
          std::clamp((high > 0 ? span / (high > 0 ? high : 1) * 255 : 0) + saturation, 0.0f, 255.0f);
      const float v = std::clamp(high + value, 0.0f, 255.0f), new_span = v * s / 255;
      // channel = v - span * clamp(min(k, 4 - k), 0, 1) with k = (n + h) mod 6, n = 5, 3, 1
      const auto of = [&](float n) {
        const float k = n + h < 6 ? n + h : n + h - 6;
        return v - new_span * std::clamp(std::min(k, 4 - k), 0.0f, 1.0f);
      };
      channel[0][i] = of(5), channel[1][i] = of(3), channel[2][i] = of(1);
    }
    for (size_t i = 0; i < count; ++i)
      for (size_t c = 0; c < 3; ++c) rgb[3 * i + c] = to_byte(channel[c][i]);
  }
}

void shift_along_colours(Image& image, const std::array<float, 3>& draw) {
  const size_t n = image.rgb.size() / 3;
  // Whole numbers, exact in any order: of pieces in 32 bits, of all in 64.
  constexpr size_t kPiece = 1 << 15;
  std::array<uint64_t, 3> sum{};
  std::array<std::array<uint64_t, 3>, 3> product{};
  for (size_t first = 0; first < n; first += kPiece) {
    uint32_t r = 0, g = 0, b = 0, rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0;
    for (size_t i = first; i < std::min(n, first + kPiece); ++i) {
      const uint32_t x = image.rgb[3 * i], y = image.rgb[3 * i + 1], z = image.rgb[3 * i + 2];
      r += x, g += y, b += z;
      rr += x * x, rg += x * y, rb += x * z, gg += y * y, gb += y * z, bb += z * z;
    }
    sum[0] += r, sum[1] += g, sum[2] += b;
    product[0][0] += rr, product[0][1] += rg, product[0][2] += rb;
    product[1][1] += gg, product[1][2] += gb, product[2][2] += bb;
  }
  std::array<float, 3> shifts;
  for (size_t a = 0; a < 3; ++a) {
    double shift = 0;
    for (size_t b = 0; b < 3; ++b) {
      const double mean_product = double(product[std::min(a, b)][std::max(a, b)]) / double(n);
      const double covariance = mean_product - double(sum[a]) / double(n) * double(sum[b]) / double(n);
      shift += covariance / (255 * 255) * double(draw[b]);
    }
    shifts[a] = float(255 * shift);
  }
  shift_channels(image, shifts);
}

}  // namespace rc
