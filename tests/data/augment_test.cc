#include "data/augment.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "data/resize.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

// Only what is named, always.
Augmentation only(float Augmentation::*what, float value = 1) {
  Augmentation how = Augmentation::none();
  how.*what = value;
  return how;
}

Image augmented(const Image& image, const Augmentation& how, uint32_t geometry = 1, uint32_t photometry = 2) {
  return augment(image, how, {32}, 5, 0, geometry, photometry).image;
}

Image flat(uint8_t r, uint8_t g, uint8_t b) {
  Image image(32, 32);
  for (size_t i = 0; i < image.rgb.size(); i += 3)
    image.rgb[i] = r, image.rgb[i + 1] = g, image.rgb[i + 2] = b;
  return image;
}

TEST_SUITE("unit") {
  TEST_CASE("no augmentation is decode and resize") {
    const Image image = noise(50, 70, 1);
    const Augmented out = augment(image, Augmentation::none(), {32}, 9, 9, 9, 9);
    CHECK(out.image == resize(image, 32, 32));
    CHECK(!out.flip);
  }

  TEST_CASE("a draw depends on seed, epoch and keys alone, and geometry not on photometry") {
    const Image image = noise(40, 40, 2);
    const Augmented a = augment(image, Augmentation::dfb(), {32}, 1, 2, 3, 4),
                    b = augment(image, Augmentation::dfb(), {32}, 1, 2, 3, 4);
    CHECK(a.image == b.image);
    CHECK(a.flip == b.flip);
    std::set<std::vector<uint8_t>> different;
    for (uint32_t key = 0; key < 20; ++key) {
      different.insert(augmented(image, only(&Augmentation::crop, 0.1f), key, 0).rgb);
      CHECK(augmented(image, Augmentation::light(), 7, key) == augmented(image, Augmentation::light(), 7, 0));
    }
    CHECK(different.size() > 10);  // a few sides and places are equal in whole pixels
    CHECK(augment(image, Augmentation::dfb(), {32}, 1, 3, 3, 4).image != a.image);
    CHECK(augment(image, Augmentation::dfb(), {32}, 2, 2, 3, 4).image != a.image);
  }

  TEST_CASE("probabilities are kept") {
    const Image image = noise(32, 32, 3);
    int flips = 0, blurs = 0, colours = 0, jpegs = 0;
    for (uint32_t key = 0; key < 1000; ++key) {
      flips += augment(image, only(&Augmentation::flip, 0.5f), {32}, 5, 0, key, key).flip;
      blurs += augmented(image, only(&Augmentation::blur, 0.5f), key, key) != image;
      colours += augmented(image, only(&Augmentation::colour, 0.5f), key, key) != image;
      jpegs += augmented(image, only(&Augmentation::jpeg, 0.5f), key, key) != image;
    }
    for (const int count : {flips, blurs, colours, jpegs})
      CHECK(std::abs(count - 500) <= 64);  // 4 standard deviations
  }

  TEST_CASE("the crop is within its bounds and moves") {
    // Red holds x, green y: the corners of the result tell what was cut.
    Image image(100, 100);
    for (int y = 0; y < 100; ++y)
      for (int x = 0; x < 100; ++x) image.at(y, x)[0] = uint8_t(x), image.at(y, x)[1] = uint8_t(y);
    int narrowest = 100, leftmost = 100, rightmost = 0;
    for (uint32_t key = 0; key < 300; ++key) {
      const Image out = augment(image, only(&Augmentation::crop, 0.2f), {100}, 5, 0, key, 0).image;
      const int left = out.at(50, 0)[0], right = out.at(50, 99)[0], top = out.at(0, 50)[1],
                bottom = out.at(99, 50)[1];
      CHECK(right - left == bottom - top);  // square stays square
      CHECK(right - left >= 79 - 1);        // 80 pixels wide at least; interpolation may round one away
      narrowest = std::min(narrowest, right - left), leftmost = std::min(leftmost, left),
      rightmost = std::max(rightmost, right);
    }
    CHECK(narrowest <= 81);
    CHECK(leftmost == 0);
    CHECK(rightmost == 99);
    CHECK(augment(noise(1, 1, 4), only(&Augmentation::crop, 0.9f), {4}, 5, 0, 6, 0).image.width == 4);
  }

  TEST_CASE("blur keeps flat pictures and spreads a point as a Gaussian") {
    CHECK(augmented(flat(255, 3, 128), only(&Augmentation::blur)) == flat(255, 3, 128));
    Image point(32, 32);
    point.at(16, 16)[0] = 255;
    std::set<int> widths;
    for (uint32_t key = 0; key < 50; ++key) {
      const Image out = augmented(point, only(&Augmentation::blur), 0, key);
      int radius = 0;
      for (int i = 1; i <= 5; ++i)
        if (out.at(16, 16 + i)[0] > 0) radius = i;
      REQUIRE(radius >= 1);
      REQUIRE(radius <= 3);
      widths.insert(radius);
      const double sigma = 0.3 * (radius - 1) + 0.8;
      double sum = 0;
      for (int i = -radius; i <= radius; ++i) sum += std::exp(-i * i / (2 * sigma * sigma));
      for (int y = -radius; y <= radius; ++y)
        for (int x = -radius; x <= radius; ++x) {
          const double exact = 255 * std::exp(-(x * x + y * y) / (2 * sigma * sigma)) / (sum * sum);
          // Half a level of rounding; a weight is off by at most 3.5 / 4096 (the middle one takes the rest of
          // six others), twice.
          CHECK(std::abs(out.at(16 + y, 16 + x)[0] - exact) <= 0.5 + 255 * 2 * 3.5 / 4096);
          CHECK(out.at(16 + y, 16 + x)[0] == out.at(16 - x, 16 + y)[0]);
        }
    }
    CHECK(widths == std::set<int>{1, 2, 3});
  }

  TEST_CASE("colour moves within its ranges") {
    // Grey has no hue: brightness and contrast move 128 by at most 0.1 * 128 + 0.1 * 255; saturation and
    // value by 20 and 30 of 255.
    for (uint32_t key = 0; key < 300; ++key) {
      const Image grey = augmented(flat(128, 128, 128), only(&Augmentation::colour), 0, key);
      for (const uint8_t v : grey.rgb) CHECK(std::abs(v - 128) <= 38.3 + 0.5);
      // A saturated red keeps its order of channels under any of the shifts: hue by at most 40 of the 60
      // degrees to yellow.
      const Image red = augmented(flat(200, 20, 20), only(&Augmentation::colour), 0, key);
      CHECK(red.rgb[0] > red.rgb[1]);
      CHECK(red.rgb[0] > red.rgb[2]);
      CHECK(std::abs(red.rgb[0] - 200) <= 45.5 + 0.5);
    }
  }

  TEST_CASE("RaAug: a third each is whole, has a black rectangle, or is a crop; a geometry key decides") {
    Image image(64, 64);
    std::ranges::fill(image.rgb, uint8_t(255));
    for (int y = 0; y < 64; ++y) image.at(y, 0)[0] = 9;  // a crop leaves the left border out, or widens it
    Augmentation raaug = Augmentation::core_raaug();
    int whole = 0, erased = 0, cropped = 0;
    for (uint32_t key = 0; key < 900; ++key) {
      const Augmented out = augment(image, raaug, {64}, 5, 0, key, 1);
      CHECK(out.image == augment(image, raaug, {64}, 5, 0, key, 2).image);
      const double black = double(std::ranges::count(out.image.rgb, 0));
      whole += out.image == image, erased += black > 0, cropped += black == 0 && out.image != image;
      if (black > 0) CHECK((black > 0.015 * 64 * 64 * 3 && black < 0.21 * 64 * 64 * 3));
    }
    // Four standard deviations of 14; a crop that leaves off neither the left border nor any scaling is rare.
    CHECK(std::abs(whole - 300) <= 57);
    CHECK(std::abs(erased - 300) <= 57);
    CHECK(std::abs(cropped - 300) <= 57);
  }

  TEST_CASE("presets: what each view goes through") {
    CHECK(preset_views("dfb", 2)[0].blur == 0);
    CHECK(preset_views("dfb", 2)[1].blur == 0.5f);
    CHECK(preset_views("dfb", 1)[0].blur == 0.5f);
    CHECK(preset_views("light", 2)[1].crop == 0.1f);
    CHECK(preset_views("none", 1)[0].flip == 0);
    for (const Augmentation& how : preset_views("core-raaug", 2)) CHECK(how.erase_or_crop);
    for (const Augmentation& how : preset_views("sbi", 2)) CHECK(how.self_blended);
  }

  TEST_CASE("JPEG damage grows as quality falls") {
    const Image image = noise(32, 32, 6);
    Augmentation strong = only(&Augmentation::jpeg), weak = strong;
    strong.jpeg_quality_min = strong.jpeg_quality_max = 40;
    weak.jpeg_quality_min = weak.jpeg_quality_max = 100;
    CHECK(augmented(image, strong) == decode_image(encode_jpeg(image, 40), "a"));
    CHECK(mean_difference(augmented(image, strong), image) > mean_difference(augmented(image, weak), image));
  }
}

}  // namespace
}  // namespace rc
