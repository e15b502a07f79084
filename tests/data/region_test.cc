#include "data/region.h"

#include <cmath>
#include <set>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

constexpr RegionRange kErased{0.02, 0.2, 0.5, 2}, kCropped{1 / 1.3, 1, 0.9, 1.1};

// The sides are whole numbers: half a pixel either way.
bool is_within(const Region& region, double area, double along, double across, const RegionRange& range) {
  const double low_area = (region.height - 0.5) * (region.width - 0.5) / area,
               high_area = (region.height + 0.5) * (region.width + 0.5) / area;
  return high_area >= range.area_low && low_area <= range.area_high &&
         (along + 0.5) / (across - 0.5) >= range.ratio_low &&
         (along - 0.5) / (across + 0.5) <= range.ratio_high;
}

TEST_SUITE("unit") {
  TEST_CASE("a drawn crop keeps to its area, its ratio and the image, and reaches every border") {
    std::set<int> areas;
    int touches[4] = {};
    for (uint32_t key = 0; key < 2000; ++key) {
      Rng rng(1, Purpose::test, key);
      const Region r = draw_crop(80, 100, {0.3, 1, 0.75, 4 / 3.0}, rng);
      CHECK(is_within(r, 80 * 100, r.width, r.height, {0.3, 1, 0.75, 4 / 3.0}));
      REQUIRE((r.top >= 0 && r.left >= 0 && r.top + r.height <= 80 && r.left + r.width <= 100));
      areas.insert(r.height * r.width / 800);
      touches[0] += r.top == 0, touches[1] += r.left == 0;
      touches[2] += r.top + r.height == 80, touches[3] += r.left + r.width == 100;
    }
    for (const int n : touches) CHECK(n > 20);
    CHECK(*areas.begin() <= 3);
    CHECK(*areas.rbegin() >= 9);
  }

  TEST_CASE("where no crop fits, the largest of the ratio in the middle is taken") {
    Rng rng(1, Purpose::test);
    CHECK(draw_crop(40, 400, {0.9, 1, 0.5, 2}, rng) == Region{0, 160, 40, 80});
    CHECK(draw_crop(400, 40, {0.9, 1, 0.5, 2}, rng) == Region{160, 0, 80, 40});
    CHECK(draw_crop(1, 1, kCropped, rng) == Region{0, 0, 1, 1});
  }

  TEST_CASE("an erased rectangle keeps to its area and ratio, is smaller than the image, and is black") {
    double areas = 0;
    for (uint32_t key = 0; key < 2000; ++key) {
      Rng rng(2, Purpose::test, key);
      const auto r = draw_erased(64, 64, kErased, rng);
      REQUIRE(r);
      CHECK(is_within(*r, 64 * 64, r->height, r->width, kErased));
      REQUIRE((r->top >= 0 && r->left >= 0 && r->top + r->height <= 64 && r->left + r->width <= 64));
      areas += r->height * r->width / 4096.0;
    }
    // Uniform in 0.02..0.2: mean 0.11, deviation 0.052, and rounding that favours neither side: 5 deviations.
    CHECK(std::abs(areas / 2000 - 0.11) < 5 * 0.052 / std::sqrt(2000));

    Image image(5, 6);
    std::fill(image.rgb.begin(), image.rgb.end(), uint8_t(7));
    erase(image, {1, 2, 3, 2});
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 6; ++x)
        for (int c = 0; c < 3; ++c) CHECK(image.at(y, x)[c] == (y >= 1 && y < 4 && x >= 2 && x < 4 ? 0 : 7));
    Rng rng(3, Purpose::test);
    CHECK_FALSE(draw_erased(1, 1, kErased, rng));
  }

  TEST_CASE("a crop is the pixels of its place") {
    const Image image = noise(9, 7, 1), part = crop(image, {2, 3, 5, 4});
    REQUIRE((part.height == 5 && part.width == 4));
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 4; ++x)
        for (int c = 0; c < 3; ++c) CHECK(part.at(y, x)[c] == image.at(y + 2, x + 3)[c]);
  }
}

}  // namespace
}  // namespace rc
