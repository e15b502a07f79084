// Text on pictures: an alphabet of our own, 5 x 7 pixels a character, for sheets that are looked at.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "data/image.h"

namespace rc {

using Colour = std::array<uint8_t, 3>;  // RGB

// Of one character with the space after it, and of a line with the space below it, times the scale.
inline constexpr int kGlyphAdvance = 6, kLineAdvance = 10;

// Draws printable ASCII from its upper left corner on; any other byte is a box. A glyph's pixel becomes scale
// x scale pixels. What lies outside of the image is not drawn.
void draw_text(Image&, int x, int y, std::string_view text, Colour, int scale = 1);

}  // namespace rc
