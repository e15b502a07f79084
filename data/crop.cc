#include "data/crop.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"

namespace rc {
namespace {

// Mirrors an index into [0, n): -1 is 1, n is n - 2; far ones are clamped.
int mirror(int i, int n) {
  if (i < 0) i = -i;
  if (i >= n) i = 2 * n - 2 - i;
  return std::clamp(i, 0, n - 1);
}

void add_bilinear(const Image& image, Point p, float weight, float* sum) {
  const int x = int(std::floor(p.x)), y = int(std::floor(p.y));
  const float fx = p.x - float(x), fy = p.y - float(y);
  for (int dy = 0; dy < 2; ++dy)
    for (int dx = 0; dx < 2; ++dx) {
      const uint8_t* from = image.at(mirror(y + dy, image.height), mirror(x + dx, image.width));
      const float w = weight * (dx ? fx : 1 - fx) * (dy ? fy : 1 - fy);
      for (int c = 0; c < 3; ++c) sum[c] += w * float(from[c]);
    }
}

}  // namespace

Affine aligned_placement(const Landmarks& points, int size, double margin) {
  // Eyes, nose tip and mouth corners in a face of side 112; the margin shrinks them towards the centre.
  static constexpr std::array<Point, 5> kTemplate{{{38.2946f, 51.6963f},
                                                   {73.5318f, 51.5014f},
                                                   {56.0252f, 71.7366f},
                                                   {41.5493f, 92.3655f},
                                                   {70.7299f, 92.2041f}}};
  static constexpr std::array<size_t, 5> kIndex{37, 44, 30, 49, 55};
  std::array<Point, 5> from, to;
  const float scale = float(size / (112 * margin)), shift = float(size * (margin - 1) / (2 * margin));
  for (size_t i = 0; i < from.size(); ++i) {
    from[i] = points[kIndex[i]];
    to[i] = kTemplate[i] * scale + Point{shift, shift};
  }
  return fit_similarity(from, to);
}

Affine boxed_placement(const FaceBox& box, int size, double margin) {
  const double side = margin * double(std::max(box.right - box.left, box.bottom - box.top)), k = size / side;
  const double x = double(box.left + box.right) / 2, y = double(box.top + box.bottom) / 2,
               middle = (size - 1) / 2.0;
  return {k, 0, 0, k, middle - k * x, middle - k * y};
}

Crop crop_face(const Image& photo, const Landmarks& points, const Affine& placement, int size) {
  check(photo.height > 0 && photo.width > 0 && size > 0, "crop of or to an empty image");
  const Affine to_photo = placement.inverse();
  const int samples = std::clamp(int(std::ceil(to_photo.scale())), 1, 16);  // along one side of a pixel
  Crop crop{Image(size, size), {}};
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      float sum[3] = {0.5f, 0.5f, 0.5f};  // rounds
      for (int i = 0; i < samples * samples; ++i) {
        const float dx = (float(i % samples) + 0.5f) / float(samples) - 0.5f;
        const float dy = (float(i / samples) + 0.5f) / float(samples) - 0.5f;
        add_bilinear(photo, to_photo({float(x) + dx, float(y) + dy}), 1.0f / float(samples * samples), sum);
      }
      for (int c = 0; c < 3; ++c) crop.image.at(y, x)[c] = uint8_t(std::clamp(sum[c], 0.0f, 255.0f));
    }
  std::ranges::transform(points, crop.points.begin(), placement);
  return crop;
}

}  // namespace rc
