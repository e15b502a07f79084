#include "train/heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/channels.h"

namespace rc {
namespace {

template <class T>
void add_maps(const T* a, const Channels& layout, std::span<const float> w, std::vector<LogitMap>& maps) {
  for (int64_t n = 0; n < layout.images; ++n)
    for (int64_t p = 0; p < layout.pixels; ++p) {
      double sum = 0;
      for (int64_t c = 0; c < layout.channels; ++c)
        sum += double(w[size_t(c)]) * double(float(a[layout.at(n, p, c)]));
      maps[size_t(n)].values[size_t(p)] = float(sum);
    }
}

// Where a pixel lies between two places of the map.
struct Between {
  int before, after;
  float share;  // of `after`
};
Between between(int pixel, int pixels, int places) {
  const double at =
      std::clamp((pixel + 0.5) * double(places) / double(pixels) - 0.5, 0.0, double(places - 1));
  const int before = int(at);
  return {before, std::min(before + 1, places - 1), float(at - before)};
}

}  // namespace

std::vector<LogitMap> logit_maps(const Tensor& feature_map, std::span<const float> w) {
  const Shape& s = feature_map.shape;
  check(s.rank() == 4 && int64_t(w.size()) == s[3], "a feature map and the classifier's weights fit");
  const Channels layout{s[0], s[1] * s[2], s[3], feature_map.channel_block()};
  const LogitMap empty{int(s[1]), int(s[2]), std::vector<float>(size_t(layout.pixels))};
  std::vector maps(static_cast<size_t>(s[0]), empty);
  if (feature_map.dtype == DType::bf16)
    add_maps(feature_map.as<Bf16>(), layout, w, maps);
  else
    add_maps(feature_map.as<float>(), layout, w, maps);
  return maps;
}

std::vector<float> heat_map(const LogitMap& map, int height, int width) {
  std::vector<float> heat;
  heat.reserve(size_t(height) * size_t(width));
  const auto positive = [&](int y, int x) {
    return std::max(0.0f, map.values[size_t(y) * size_t(map.width) + size_t(x)]);
  };
  for (int y = 0; y < height; ++y) {
    const Between v = between(y, height, map.height);
    for (int x = 0; x < width; ++x) {
      const Between h = between(x, width, map.width);
      const float above =
                      positive(v.before, h.before) * (1 - h.share) + positive(v.before, h.after) * h.share,
                  below = positive(v.after, h.before) * (1 - h.share) + positive(v.after, h.after) * h.share;
      heat.push_back(above * (1 - v.share) + below * v.share);
    }
  }
  const float most = *std::ranges::max_element(heat);
  if (most > 0)
    for (float& value : heat) value /= most;
  return heat;
}

Image with_heat(const Image& image, const LogitMap& map) {
  constexpr std::array<float, 3> kWarm = {255, 214, 10}, kHot = {214, 0, 40};
  constexpr float kOpaque = 0.75f;  // where the map is 1; the face stays to be seen
  const std::vector<float> heat = heat_map(map, image.height, image.width);
  Image out = image;
  for (size_t p = 0; p < heat.size(); ++p)
    for (size_t c = 0; c < 3; ++c) {
      uint8_t& byte = out.rgb[3 * p + c];
      const float colour = kWarm[c] + (kHot[c] - kWarm[c]) * heat[p], cover = kOpaque * heat[p];
      byte = uint8_t(std::lround(float(byte) * (1 - cover) + colour * cover));
    }
  return out;
}

}  // namespace rc
