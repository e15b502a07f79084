// PIL's Image.resize: a kernel that grows with the scale, one direction after the other.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "data/resize_passes.h"

namespace rc {
namespace {

constexpr int kBits = 22;  // of fraction in a weight: 255 * 2^22 with head room in 32 bits, as PIL

// How one output position is made of input positions first .. first + count - 1.
struct Taps {
  int longest = 0;  // weights kept per output
  std::vector<int> first, count;
  std::vector<int32_t> weight;  // [out, longest], fixed point, each row sums to about 1
};

// The kernel around the output pixel's centre, cut at the border and normalised.
Taps taps_of(int in, int out, const PilKernel& kernel) {
  const double scale = double(in) / out, widening = std::max(scale, 1.0), support = kernel.support * widening;
  Taps taps;
  taps.longest = 2 * int(std::ceil(support)) + 1;
  taps.first.resize(size_t(out)), taps.count.resize(size_t(out));
  taps.weight.resize(size_t(out) * size_t(taps.longest));
  std::vector<double> row(size_t(taps.longest));
  for (int o = 0; o < out; ++o) {
    const double centre = (o + 0.5) * scale;
    const int begin = std::max(0, int(centre - support + 0.5)),
              end = std::min(in, int(centre + support + 0.5));
    double sum = 0;
    for (int i = begin; i < end; ++i)
      sum += row[size_t(i - begin)] = kernel.weight(std::abs(i - centre + 0.5) * (1 / widening));
    taps.first[size_t(o)] = begin, taps.count[size_t(o)] = end - begin;
    for (int i = 0; i < end - begin; ++i) {
      const double exact = row[size_t(i)] / sum * (1 << kBits);
      taps.weight[size_t(o) * size_t(taps.longest) + size_t(i)] =
          int32_t(exact < 0 ? exact - 0.5 : exact + 0.5);
    }
  }
  return taps;
}

uint8_t to_byte(int32_t sum) { return uint8_t(std::clamp(sum >> kBits, 0, 255)); }

Image resize_width(const Image& in, int width, const PilKernel& kernel) {
  const Taps taps = taps_of(in.width, width, kernel);
  Image out(in.height, width);
  for (int y = 0; y < in.height; ++y)
    for (int x = 0; x < width; ++x) {
      const uint8_t* from = in.at(y, taps.first[size_t(x)]);
      const int32_t* weight = taps.weight.data() + size_t(x) * size_t(taps.longest);
      int32_t r = 1 << (kBits - 1), g = r, b = r;
      for (int i = 0; i < taps.count[size_t(x)]; ++i, from += 3)
        r += from[0] * weight[i], g += from[1] * weight[i], b += from[2] * weight[i];
      uint8_t* to = out.at(y, x);
      to[0] = to_byte(r), to[1] = to_byte(g), to[2] = to_byte(b);
    }
  return out;
}

Image resize_height(const Image& in, int height, const PilKernel& kernel) {
  const Taps taps = taps_of(in.height, height, kernel);
  Image out(height, in.width);
  const size_t row = size_t(in.width) * 3;
  std::vector<int32_t> sum(row);
  for (int y = 0; y < height; ++y) {
    std::ranges::fill(sum, 1 << (kBits - 1));
    for (int i = 0; i < taps.count[size_t(y)]; ++i) {
      const int32_t weight = taps.weight[size_t(y) * size_t(taps.longest) + size_t(i)];
      const uint8_t* from = in.at(taps.first[size_t(y)] + i, 0);
#pragma omp simd
      for (size_t j = 0; j < row; ++j) sum[j] += from[j] * weight;
    }
    std::ranges::transform(sum, out.at(y, 0), to_byte);
  }
  return out;
}

}  // namespace

double triangle_weight(double distance) { return std::max(0.0, 1.0 - distance); }

double bicubic_weight(double distance) {
  constexpr double a = -0.5;
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
  return 0;
}

Image resize_pil(const Image& image, int height, int width, const PilKernel& kernel) {
  if (image.width == width) return resize_height(image, height, kernel);
  if (image.height == height) return resize_width(image, width, kernel);
  return resize_height(resize_width(image, width, kernel), height, kernel);
}

}  // namespace rc
