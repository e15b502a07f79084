#include "data/resize.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "engine/sha256.h"
#include "tests/data/fixtures.h"
#include "tests/golden/golden.h"

namespace rc {
namespace {

// One pass over one axis as the definition says it, in double precision: sum of triangle(distance / support)
// * value over all inputs.
std::vector<double> one_axis(const std::vector<double>& in, int size, int out_size) {
  const double scale = double(size) / out_size, support = std::max(scale, 1.0);
  std::vector<double> out;
  for (int o = 0; o < out_size; ++o) {
    double sum = 0, weights = 0;
    for (int i = 0; i < size; ++i) {
      const double weight = std::max(0.0, 1 - std::abs(i + 0.5 - (o + 0.5) * scale) / support);
      sum += weight * in[size_t(i)], weights += weight;
    }
    out.push_back(sum / weights);
  }
  return out;
}

// The same over an image, unrounded: [height, width] of one channel.
std::vector<double> reference(const Image& image, int height, int width, int channel) {
  std::vector<double> wide;  // [image.height, width]
  for (int y = 0; y < image.height; ++y) {
    std::vector<double> row;
    for (int x = 0; x < image.width; ++x) row.push_back(image.at(y, x)[channel]);
    for (double v : one_axis(row, image.width, width)) wide.push_back(v);
  }
  std::vector<double> out(size_t(height) * size_t(width));
  for (int x = 0; x < width; ++x) {
    std::vector<double> column;
    for (int y = 0; y < image.height; ++y) column.push_back(wide[size_t(y) * size_t(width) + size_t(x)]);
    const auto resized = one_axis(column, image.height, height);
    for (int y = 0; y < height; ++y) out[size_t(y) * size_t(width) + size_t(x)] = resized[size_t(y)];
  }
  return out;
}

TEST_SUITE("unit") {
  TEST_CASE("resize equals a double-precision loop") {
    const std::tuple<int, int, int, int> sizes[] = {{7, 5, 7, 5},    {16, 16, 8, 8},  {33, 17, 12, 40},
                                                    {3, 200, 90, 7}, {1, 1, 5, 4},    {64, 48, 1, 1},
                                                    {20, 31, 20, 9}, {20, 31, 41, 31}};
    for (const auto& [h, w, height, width] : sizes) {
      const Image image = noise(h, w, uint32_t(h * 1000 + w)), out = resize(image, height, width);
      REQUIRE(out.height == height);
      REQUIRE(out.width == width);
      // Rounding once per pass that is made; weights of 22 bits add at most (taps / 2) * 255 / 2^22 each.
      const double bound = 0.5 * (h != height) + 0.5 * (w != width) + (h + w) * 255.0 / (1 << 22);
      for (int c = 0; c < 3; ++c) {
        const auto exact = reference(image, height, width, c);
        double worst = 0;
        for (int y = 0; y < height; ++y)
          for (int x = 0; x < width; ++x)
            worst = std::max(worst, std::abs(out.at(y, x)[c] - exact[size_t(y) * size_t(width) + size_t(x)]));
        CHECK(worst <= bound);
      }
    }
  }

  TEST_CASE("resize equals PIL and OpenCV bit for bit") {
    for (const auto& expected : golden::load("resize")) {
      Image image(expected.at("from").at(0), expected.at("from").at(1));
      for (size_t i = 0; i < image.rgb.size(); ++i)
        image.rgb[i] = uint8_t(expected.at("smooth") ? i / 7 : (i * i * 7 + i * 13) >> 3);
      const Image out = resize(image, expected.at("to").at(0), expected.at("to").at(1),
                               resampling_of(expected.at("way").get<std::string>()));
      CAPTURE(expected.dump());
      CHECK(sha256({reinterpret_cast<const char*>(out.rgb.data()), out.rgb.size()}) == expected.at("sha256"));
    }
  }

  // The last weights of a row are those of the image's border, whatever lies behind it in memory.
  TEST_CASE("every resampling keeps constants") {
    for (const std::string& way : resampling_names())
      for (const auto& [height, width] : {std::pair(50, 4), std::pair(5, 31), std::pair(26, 18)}) {
        Image flat(13, 9);
        std::ranges::fill(flat.rgb, uint8_t(200));
        const Image out = resize(flat, height, width, resampling_of(way));
        CHECK(std::ranges::all_of(out.rgb, [](uint8_t value) { return value == 200; }));
      }
  }

  TEST_CASE("resize halves pairs exactly") {
    // Halving weighs 4 neighbours 1 3 3 1 over 8, at the border 3 3 1 over 7: by hand.
    Image ramp(1, 6);
    for (int x = 0; x < 6; ++x) ramp.at(0, x)[0] = uint8_t(40 * x);
    const Image half = resize(ramp, 1, 3);
    CHECK(half.at(0, 0)[0] == 29);   // (0 * 3 + 40 * 3 + 80) / 7 = 28.57
    CHECK(half.at(0, 1)[0] == 100);  // (40 + 80 * 3 + 120 * 3 + 160) / 8
    CHECK(half.at(0, 2)[0] == 171);  // (120 + 160 * 3 + 200 * 3) / 7 = 171.43
  }
}

}  // namespace
}  // namespace rc
