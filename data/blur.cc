#include "data/blur.h"

#include <algorithm>
#include <array>
#include <cmath>
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
  std::vector<uint16_t> across(image.rgb.size());
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* middle = wider.data() + size_t(radius) * 3;
    std::memcpy(&wider[size_t(radius) * 3], image.at(y, 0), row);
    for (int i = 1; i <= radius; ++i) {
      std::memcpy(&wider[size_t(radius - i) * 3], image.at(y, reflect(-i, image.width)), 3);
      std::memcpy(&wider[size_t(radius + image.width - 1 + i) * 3],
                  image.at(y, reflect(image.width - 1 + i, image.width)), 3);
    }
    uint16_t* to = across.data() + size_t(y) * row;
    const auto w0 = uint16_t(weight[0]);
#pragma omp simd
    for (size_t j = 0; j < row; ++j) to[j] = uint16_t(middle[j] * w0);
    for (int i = 1; i <= radius; ++i) {
      const uint8_t *left = middle - 3 * i, *right = middle + 3 * i;
      const auto w = uint16_t(weight[size_t(i)]);
#pragma omp simd
      for (size_t j = 0; j < row; ++j) to[j] = uint16_t(to[j] + uint16_t(left[j] + right[j]) * w);
    }
  }
  // A piece of a row at a time, which stays in the nearest cache.
  constexpr size_t kPiece = 256;
  std::array<uint32_t, kPiece> sum;
  for (int y = 0; y < image.height; ++y) {
    const auto across_row = [&](int i) { return across.data() + size_t(reflect(y + i, image.height)) * row; };
    for (size_t first = 0; first < row; first += kPiece) {
      const size_t n = std::min(kPiece, row - first);
      const uint16_t* middle = across_row(0) + first;
#pragma omp simd
      for (size_t j = 0; j < n; ++j) sum[j] = kOne * kOne / 2 + middle[j] * weight[0];
      for (int i = 1; i <= radius; ++i) {
        const uint16_t *above = across_row(-i) + first, *below = across_row(i) + first;
        const uint32_t w = weight[size_t(i)];
#pragma omp simd
        for (size_t j = 0; j < n; ++j) sum[j] += (uint32_t(above[j]) + below[j]) * w;
      }
      uint8_t* to = image.at(y, 0) + first;
#pragma omp simd
      for (size_t j = 0; j < n; ++j) to[j] = uint8_t(sum[j] / (kOne * kOne));
    }
  }
}

}  // namespace rc
