#include "data/region.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace rc {
namespace {

constexpr int kAttempts = 10;

// Sides of a rectangle of `range`, rounded: {along, across} with along / across = ratio.
std::pair<int, int> draw_sides(double area, const RegionRange& range, Rng& rng) {
  const double part = area * (range.area_low + (range.area_high - range.area_low) * double(rng.uniform()));
  const double low = std::log(range.ratio_low), high = std::log(range.ratio_high);
  const double ratio = std::exp(low + (high - low) * double(rng.uniform()));
  return {int(std::nearbyint(std::sqrt(part * ratio))), int(std::nearbyint(std::sqrt(part / ratio)))};
}

Region placed(int height, int width, int inner_height, int inner_width, Rng& rng) {
  const int top = int(rng.below(uint32_t(height - inner_height + 1)));
  return {top, int(rng.below(uint32_t(width - inner_width + 1))), inner_height, inner_width};
}

}  // namespace

Region draw_crop(int height, int width, const RegionRange& range, Rng& rng) {
  for (int i = 0; i < kAttempts; ++i) {
    const auto [w, h] = draw_sides(double(height) * width, range, rng);
    if (w > 0 && w <= width && h > 0 && h <= height) return placed(height, width, h, w, rng);
  }
  const double ratio = double(width) / height;
  int h = height, w = width;
  if (ratio < range.ratio_low) h = std::max(1, int(std::nearbyint(width / range.ratio_low)));
  if (ratio > range.ratio_high) w = std::max(1, int(std::nearbyint(height * range.ratio_high)));
  return {(height - h) / 2, (width - w) / 2, h, w};
}

std::optional<Region> draw_erased(int height, int width, const RegionRange& range, Rng& rng) {
  for (int i = 0; i < kAttempts; ++i) {
    const auto [h, w] = draw_sides(double(height) * width, range, rng);
    if (h > 0 && h < height && w > 0 && w < width) return placed(height, width, h, w, rng);
  }
  return std::nullopt;
}

Image crop(const Image& image, const Region& region) {
  Image out(region.height, region.width);
  for (int y = 0; y < region.height; ++y)
    std::memcpy(out.at(y, 0), image.at(region.top + y, region.left), size_t(region.width) * 3);
  return out;
}

void erase(Image& image, const Region& region) {
  for (int y = 0; y < region.height; ++y)
    std::memset(image.at(region.top + y, region.left), 0, size_t(region.width) * 3);
}

}  // namespace rc
