#include "data/colour_shift.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

struct Hsv {
  double h, s, v;  // degrees, 0..1, 0..1
};

// As the textbook's cases say it, in double precision.
Hsv to_hsv(const uint8_t* p) {
  const double r = p[0] / 255.0, g = p[1] / 255.0, b = p[2] / 255.0, high = std::max({r, g, b}),
               low = std::min({r, g, b});
  double h = 0;
  if (high > low) {
    if (high == r)
      h = 60 * (g - b) / (high - low);
    else if (high == g)
      h = 60 * (b - r) / (high - low) + 120;
    else
      h = 60 * (r - g) / (high - low) + 240;
  }
  return {h, high > 0 ? (high - low) / high : 0, high};
}

std::array<double, 3> to_rgb(const Hsv& c) {
  const double h = std::fmod(std::fmod(c.h, 360) + 360, 360), chroma = c.v * c.s;
  const double x = chroma * (1 - std::abs(std::fmod(h / 60, 2) - 1)), m = c.v - chroma;
  const std::array<double, 3> parts[] = {{chroma, x, 0}, {x, chroma, 0}, {0, chroma, x},
                                         {0, x, chroma}, {x, 0, chroma}, {chroma, 0, x}};
  std::array<double, 3> rgb = parts[int(h / 60)];
  for (double& value : rgb) value = 255 * (value + m);
  return rgb;
}

TEST_SUITE("unit") {
  TEST_CASE("brightness and contrast against the formula") {
    const Image image = noise(16, 16, 1);
    Image out = image;
    brightness_contrast(out, 0.07f, -0.1f);
    for (size_t i = 0; i < out.rgb.size(); ++i)
      CHECK(std::abs(out.rgb[i] - std::clamp(image.rgb[i] * 0.9 + 255 * 0.07, 0.0, 255.0)) <= 0.5 + 1e-4);
  }

  TEST_CASE("channels are shifted each by its own") {
    const Image image = noise(16, 16, 3);
    Image out = image;
    shift_channels(out, {17.4f, -20, 0.5f});
    const double shift[3] = {17.4, -20, 0.5};
    for (size_t i = 0; i < out.rgb.size(); ++i)
      CHECK(std::abs(out.rgb[i] - std::clamp(image.rgb[i] + shift[i % 3], 0.0, 255.0)) <= 0.5 + 1e-4);
  }

  TEST_CASE("hue, saturation and value against the textbook's cases") {
    const Image image = noise(40, 40, 2);
    for (const auto& [hue, saturation, value] :
         {std::tuple(0.5f, 12.0f, -9.0f), std::tuple(-0.6f, -30.0f, 20.0f), std::tuple(0.0f, 0.0f, 0.0f)}) {
      Image out = image;
      shift_hsv(out, hue, saturation, value);
      double worst = 0;
      for (size_t i = 0; i < out.rgb.size(); i += 3) {
        Hsv c = to_hsv(&image.rgb[i]);
        c.h += 60 * double(hue), c.s = std::clamp(c.s + double(saturation) / 255, 0.0, 1.0);
        c.v = std::clamp(c.v + double(value) / 255, 0.0, 1.0);
        const std::array<double, 3> exact = to_rgb(c);
        for (size_t k = 0; k < 3; ++k) worst = std::max(worst, std::abs(out.rgb[i + k] - exact[k]));
      }
      CHECK(worst <=
            0.5 + 1e-3);  // one rounding; single precision of numbers up to 255 and a slope of at most 255
    }
  }

  TEST_CASE("a shift along the colours: 255 C draw, with C summed pixel by pixel") {
    Image image = gradient(30, 50);
    for (uint8_t& value : image.rgb) value = uint8_t(64 + value / 2);  // nothing is cut
    const std::array<float, 3> draw{1.5f, 0.2f, -1.2f};
    Image out = image;
    shift_along_colours(out, draw);
    const double n = double(image.rgb.size()) / 3;
    double mean[3] = {}, shift[3] = {};
    for (size_t i = 0; i < image.rgb.size(); ++i) mean[i % 3] += image.rgb[i] / 255.0 / n;
    for (size_t i = 0; i < image.rgb.size(); i += 3)
      for (size_t a = 0; a < 3; ++a)
        for (size_t b = 0; b < 3; ++b)
          shift[a] += (image.rgb[i + a] / 255.0 - mean[a]) * (image.rgb[i + b] / 255.0 - mean[b]) / n *
                      double(draw[b]) * 255;
    CHECK(std::abs(shift[0]) > 1);
    for (size_t i = 0; i < image.rgb.size(); ++i)
      CHECK(std::abs(out.rgb[i] - (image.rgb[i] + shift[i % 3])) <= 0.5 + 1e-4);
  }

  TEST_CASE("colours on one line are shifted along it") {
    Image image(1, 100);
    for (int x = 0; x < 100; ++x)
      image.at(0, x)[0] = uint8_t(100 + x), image.at(0, x)[1] = uint8_t(50 + 2 * (x / 2));
    Image out = image;
    shift_along_colours(out, {2, 0, 0});
    CHECK(out.at(0, 50)[0] - image.at(0, 50)[0] == out.at(0, 50)[1] - image.at(0, 50)[1]);
    CHECK(out.at(0, 50)[0] > image.at(0, 50)[0] + 3);
    CHECK(out.at(0, 50)[2] == 0);
  }
}

}  // namespace
}  // namespace rc
