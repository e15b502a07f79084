#include "data/colour_loss.h"

#include <array>

#include "data/luma_chroma.h"

namespace rc {

void desaturate(Image& image, double factor) {
  const float scale = float(factor), shift = float((1 - factor) / 448);
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    LumaChroma colour = luma_chroma(&image.rgb[i]);
    colour.cb = scale * colour.cb - shift, colour.cr = scale * colour.cr - shift;
    cut_to_rgb(colour, &image.rgb[i]);
  }
}

void darken(Image& image, double factor) {
  std::array<uint8_t, 256> to;
  for (size_t v = 0; v < to.size(); ++v) to[v] = uint8_t(float(v) * float(factor));
  for (uint8_t& value : image.rgb) value = to[value];
}

}  // namespace rc
