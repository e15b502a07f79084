#include "data/forge/blend.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rc {
namespace {

using Colour = std::array<float, 3>;

Colour to_ohta(const float* p) {
  return {(p[0] + p[1] + p[2]) / 3, (p[0] - p[2]) / 2, (2 * p[1] - p[0] - p[2]) / 4};
}
Colour from_ohta(const Colour& i) {
  const float green = i[0] + 4 * i[2] / 3, rest = i[0] - 2 * i[2] / 3;
  return {rest + i[1], green, rest - i[1]};
}

struct Statistics {
  Colour mean{}, deviation{};
};

Statistics statistics_of(const Canvas& canvas, const Mask& mask) {
  std::array<double, 3> sum{}, square{};
  double weight = 0;
  for (size_t i = 0; i < mask.alpha.size(); ++i) {
    const double w = double(mask.alpha[i]);
    if (w == 0) continue;
    const Colour colour = to_ohta(&canvas.rgb[i * 3]);
    weight += w;
    for (size_t c = 0; c < 3; ++c) {
      sum[c] += w * double(colour[c]);
      square[c] += w * double(colour[c]) * double(colour[c]);
    }
  }
  Statistics result;
  if (weight == 0) return result;
  for (size_t c = 0; c < 3; ++c) {
    const double mean = sum[c] / weight;
    result.mean[c] = float(mean);
    result.deviation[c] = float(std::sqrt(std::max(0.0, square[c] / weight - mean * mean)));
  }
  return result;
}

}  // namespace

Mask hull_mask(int size, std::span<const Point> points) {
  const std::vector<Point> hull = convex_hull(points);
  Mask mask(size);
  for (int y = 0; y < size; ++y) {
    // A convex polygon meets a row in one interval.
    float left = float(size), right = -1;
    for (size_t i = 0; i < hull.size(); ++i) {
      const Point a = hull[i], b = hull[(i + 1) % hull.size()];
      const float py = float(y);
      if ((a.y > py) == (b.y > py)) continue;
      const float x = a.x + (py - a.y) / (b.y - a.y) * (b.x - a.x);
      left = std::min(left, x), right = std::max(right, x);
    }
    for (int x = std::max(0, int(std::ceil(left))); x <= std::min(size - 1, int(std::floor(right))); ++x)
      mask.at(y, x) = 1;
  }
  return mask;
}

void feather(Mask& mask, float width) {
  const float sigma = width / 3;
  blur(mask, sigma);  // still 1 only where the hull is farther than 3 sigma
  for (float& alpha : mask.alpha) alpha = alpha > 0.999f ? 1.0f : 0.0f;
  blur(mask, sigma);
}

void transfer_colour(Canvas& from, const Canvas& to, const Mask& mask, float amount) {
  const Statistics own = statistics_of(from, mask), wanted = statistics_of(to, mask);
  Colour gain, offset;
  for (size_t c = 0; c < 3; ++c) {
    // A nearly flat channel says nothing about contrast.
    const float full =
        own.deviation[c] > 1 ? std::clamp(wanted.deviation[c] / own.deviation[c], 0.5f, 2.0f) : 1.0f;
    gain[c] = 1 + amount * (full - 1);
    offset[c] = own.mean[c] + amount * (wanted.mean[c] - own.mean[c]) - gain[c] * own.mean[c];
  }
  for (size_t i = 0; i < from.rgb.size(); i += 3) {
    Colour colour = to_ohta(&from.rgb[i]);
    for (size_t c = 0; c < 3; ++c) colour[c] = gain[c] * colour[c] + offset[c];
    std::ranges::copy(from_ohta(colour), &from.rgb[i]);
  }
}

void apply(Canvas& canvas, const Tone& tone) {
  for (size_t i = 0; i < canvas.rgb.size(); i += 3) {
    float* p = &canvas.rgb[i];
    const float luma = 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
    for (size_t c = 0; c < 3; ++c) {
      const float saturated = luma + tone.saturation * (p[c] - luma);
      p[c] = 128 + tone.gain[c] * (saturated - 128) + tone.offset[c];
    }
  }
}

Canvas composite(const Canvas& background, const Canvas& face, const Mask& mask, float opacity) {
  Canvas out = background;
  for (size_t i = 0; i < mask.alpha.size(); ++i) {
    const float alpha = opacity * mask.alpha[i];
    if (alpha == 0) continue;
    for (size_t c = 0; c < 3; ++c) {
      const float seen = std::clamp(face.rgb[i * 3 + c], 0.0f, 255.0f);
      out.rgb[i * 3 + c] += alpha * (seen - out.rgb[i * 3 + c]);
    }
  }
  return out;
}

}  // namespace rc
