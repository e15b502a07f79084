// Rectangles of an image, drawn as torchvision draws them.
#pragma once

#include <optional>

#include "data/image.h"
#include "engine/rng.h"

namespace rc {

struct Region {
  int top = 0, left = 0, height = 0, width = 0;
  bool operator==(const Region&) const = default;
};

// Share of the image's area and ratio of the sides, both within [low, high]; the ratio's logarithm is
// uniform.
struct RegionRange {
  double area_low, area_high, ratio_low, ratio_high;
};

// transforms.RandomResizedCrop (ratio: width over height): the first of ten draws that fits, else the largest
// one in the middle that keeps to the ratios.
Region draw_crop(int height, int width, const RegionRange&, Rng&);

// transforms.RandomErasing (ratio: height over width): the first of ten draws that is smaller than the image
// in both directions; none where none is.
std::optional<Region> draw_erased(int height, int width, const RegionRange&, Rng&);

Image crop(const Image&, const Region&);
void erase(Image&, const Region&);  // to black

}  // namespace rc
