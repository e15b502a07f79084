#include "data/glyphs.h"

#include <algorithm>
#include <set>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

constexpr Colour kInk = {10, 20, 30};

Image drawn(const std::string& text, int scale = 1, int x = 0, int y = 0, int height = 10, int width = 40) {
  Image image(height, width);
  std::ranges::fill(image.rgb, uint8_t(255));
  draw_text(image, x, y, text, kInk, scale);
  return image;
}
bool inked(const Image& image, int y, int x) { return std::equal(kInk.begin(), kInk.end(), image.at(y, x)); }

TEST_SUITE("unit") {
  TEST_CASE("letters are where they should be, and nothing else is touched") {
    const Image image = drawn("L", 1, 3, 2);
    for (int y = 0; y < 10; ++y)
      for (int x = 0; x < 40; ++x) {
        const bool stem = x == 3 && y >= 2 && y < 9, foot = y == 8 && x >= 3 && x < 8;
        CHECK(inked(image, y, x) == (stem || foot));
        if (!inked(image, y, x)) CHECK(*image.at(y, x) == 255);
      }
  }

  TEST_CASE("each printable character has a shape of its own; other bytes are a box") {
    std::set<std::vector<uint8_t>> shapes;
    for (char c = ' '; c <= '~'; ++c) shapes.insert(drawn(std::string(1, c)).rgb);
    const auto box = drawn("\t").rgb;
    shapes.insert(box);
    CHECK(shapes.size() == 96);
    CHECK(drawn("\xc3\xbc") == drawn("\t\t"));
  }

  TEST_CASE("a line of text is its characters side by side, each pixel scaled") {
    const Image whole = drawn("ab", 2, 1, 1, 20, 40);
    Image parts = drawn("a", 2, 1, 1, 20, 40);
    draw_text(parts, 1 + 2 * kGlyphAdvance, 1, "b", kInk, 2);
    CHECK(whole == parts);
    const Image small = drawn("ab"), large = drawn("ab", 3, 0, 0, 30, 120);
    for (int y = 0; y < 30; ++y)
      for (int x = 0; x < 120; ++x) CHECK(inked(large, y, x) == inked(small, y / 3, x / 3));
  }

  TEST_CASE("what lies outside of the image is not drawn") {
    const Image whole = drawn("WWW", 1, 0, 0, 10, 40);
    const Image part = drawn("WWW", 1, -4, -3, 3, 5);
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 5; ++x) CHECK(inked(part, y, x) == inked(whole, y + 3, x + 4));
  }
}

}  // namespace
}  // namespace rc
