// The colour space of video as OpenCV converts to and from it in floats: what changes colours apart from
// brightness works there.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rc {

// In grey levels: y in 0..255, cb and cr around 0.
struct LumaChroma {
  float y, cb, cr;
};

inline LumaChroma luma_chroma(const uint8_t* rgb) {
  const float y = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
  return {y, 0.564f * (rgb[2] - y), 0.713f * (rgb[0] - y)};
}

// Clipped to 0..255 and cut down to whole numbers, as numpy's astype(uint8) cuts.
inline void cut_to_rgb(const LumaChroma& c, uint8_t* rgb) {
  const auto cut = [](float x) { return uint8_t(std::clamp(x, 0.0f, 255.0f)); };
  rgb[0] = cut(c.y + 1.403f * c.cr);
  rgb[1] = cut(c.y - 0.714f * c.cr - 0.344f * c.cb);
  rgb[2] = cut(c.y + 1.773f * c.cb);
}

}  // namespace rc
