#include "data/blur.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "engine/error.h"

namespace rc {
namespace {

// Weights of 8 bits that sum to 1 exactly: two passes fit 32 bits without rounding between.
constexpr uint32_t kOne = 1 << 8;
using Weights = std::array<uint32_t, kLargestBlurRadius + 1>;  // by distance from the centre

// What rounding takes from a weight goes to the next one inwards, and the centre has the rest: as OpenCV
// does.
Weights gaussian(int radius, double sigma) {
  std::array<double, kLargestBlurRadius + 1> exact{};
  double sum = 0;
  for (int i = 0; i <= radius; ++i)
    sum += (i ? 2 : 1) * (exact[size_t(i)] = std::exp(-i * i / (2 * sigma * sigma)));
  Weights weight{kOne};
  double left = 0;
  for (int i = radius; i > 0; --i) {
    const double wanted = exact[size_t(i)] / sum * kOne + left, rounded = std::nearbyint(wanted);
    left = wanted - rounded;
    weight[size_t(i)] = uint32_t(rounded);
    weight[0] -= 2 * weight[size_t(i)];
  }
  return weight;
}

// cv2.BORDER_REFLECT_101.
int reflect(int i, int n) {
  if (n == 1) return 0;
  const int period = 2 * (n - 1), j = ((i % period) + period) % period;
  return j < n ? j : period - j;
}

}  // namespace

void gaussian_blur(Image& image, int radius, double sigma) {
  check(radius >= 1 && radius <= kLargestBlurRadius && sigma > 0, "a blur has a radius and a sigma");
  const Weights weight = gaussian(radius, sigma);
  const size_t row = size_t(image.width) * 3;
  std::vector<uint8_t> wider((size_t(image.width) + 2 * size_t(radius)) * 3);  // a row and its mirror images
  std::vector<uint32_t> across(image.rgb.size()), sum(row);
  for (int y = 0; y < image.height; ++y) {
    for (int x = -radius; x < image.width + radius; ++x)
      std::memcpy(&wider[size_t(x + radius) * 3], image.at(y, reflect(x, image.width)), 3);
    uint32_t* to = across.data() + size_t(y) * row;
    for (int i = -radius; i <= radius; ++i) {
      const uint8_t* from = wider.data() + size_t(i + radius) * 3;
      const uint32_t w = weight[size_t(std::abs(i))];
#pragma omp simd
      for (size_t j = 0; j < row; ++j) to[j] += from[j] * w;
    }
  }
  for (int y = 0; y < image.height; ++y) {
    std::ranges::fill(sum, kOne * kOne / 2);
    for (int i = -radius; i <= radius; ++i) {
      const uint32_t* from = across.data() + size_t(reflect(y + i, image.height)) * row;
      const uint32_t w = weight[size_t(std::abs(i))];
#pragma omp simd
      for (size_t j = 0; j < row; ++j) sum[j] += from[j] * w;
    }
    std::ranges::transform(sum, image.at(y, 0), [](uint32_t s) { return uint8_t(s / (kOne * kOne)); });
  }
}

}  // namespace rc
