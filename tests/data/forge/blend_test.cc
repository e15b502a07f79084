#include "data/forge/blend.h"

#include <cmath>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

double mean_of(const Canvas& canvas, size_t channel) {
  double sum = 0;
  for (size_t i = channel; i < canvas.rgb.size(); i += 3) sum += double(canvas.rgb[i]);
  return sum * 3 / double(canvas.rgb.size());
}

TEST_SUITE("unit") {
  TEST_CASE("hull mask: pixels whose centre is inside") {
    const Mask mask =
        hull_mask(20, std::vector<Point>{{4.5f, 3.5f}, {9.5f, 3.5f}, {9.5f, 8.5f}, {4.5f, 8.5f}, {6, 6}});
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 20; ++x)
        CHECK(mask.at(y, x) == (x >= 5 && x <= 9 && y >= 4 && y <= 8 ? 1.0f : 0.0f));
  }

  TEST_CASE("hull mask: a face that leaves the picture is cut") {
    const Mask mask = hull_mask(10, std::vector<Point>{{-5, -5}, {30, -5}, {30, 30}, {-5, 30}});
    for (const float alpha : mask.alpha) CHECK(alpha == 1);
  }

  TEST_CASE("feather: full inside, nothing outside, monotone between") {
    Mask mask = hull_mask(100, std::vector<Point>{{20, 20}, {80, 20}, {80, 80}, {20, 80}});
    feather(mask, 12);
    CHECK(mask.at(50, 50) == doctest::Approx(1));
    for (int x = 0; x < 20; ++x) CHECK(mask.at(50, x) == 0);
    for (int x = 20; x < 50; ++x) CHECK(mask.at(50, x) <= mask.at(50, x + 1) + 1e-6f);
    CHECK(mask.at(50, 32) > 0.3f);
    CHECK(mask.at(50, 32) < 0.9f);
  }

  TEST_CASE("colour transfer: mean and deviation become the other's; amount 0 changes nothing") {
    Canvas from(noise(32, 32, 1)), to(noise(32, 32, 2));
    for (float& value : to.rgb) value = 40 + 0.6f * value;
    Mask all(32);
    std::fill(all.alpha.begin(), all.alpha.end(), 1.0f);
    const Canvas before = from;
    transfer_colour(from, to, all, 0);
    for (size_t i = 0; i < from.rgb.size(); ++i)
      CHECK(from.rgb[i] == doctest::Approx(double(before.rgb[i])).epsilon(1e-3));
    transfer_colour(from, to, all, 1);
    for (size_t c = 0; c < 3; ++c) CHECK(mean_of(from, c) == doctest::Approx(mean_of(to, c)).epsilon(1e-3));
    double own = 0, wanted = 0;  // of brightness
    for (size_t i = 0; i < from.rgb.size(); i += 3) {
      own += std::pow(double(from.rgb[i] + from.rgb[i + 1] + from.rgb[i + 2]) / 3 -
                          (mean_of(from, 0) + mean_of(from, 1) + mean_of(from, 2)) / 3,
                      2);
      wanted += std::pow(double(to.rgb[i] + to.rgb[i + 1] + to.rgb[i + 2]) / 3 -
                             (mean_of(to, 0) + mean_of(to, 1) + mean_of(to, 2)) / 3,
                         2);
    }
    CHECK(own == doctest::Approx(wanted).epsilon(1e-3));
  }

  TEST_CASE("composite: the background to the bit where there is no mask, the face where it is full") {
    const Canvas back(noise(16, 16, 1)), face(noise(16, 16, 2));
    Mask mask(16);
    mask.at(3, 4) = 1, mask.at(3, 5) = 0.5f;
    const Canvas out = composite(back, face, mask, 1);
    for (int c = 0; c < 3; ++c) {
      CHECK(out.at(3, 4)[c] == face.at(3, 4)[c]);
      CHECK(out.at(3, 5)[c] == doctest::Approx(0.5 * double(back.at(3, 5)[c] + face.at(3, 5)[c])));
      CHECK(out.at(9, 9)[c] == back.at(9, 9)[c]);
    }
    CHECK(composite(back, face, mask, 0).rgb == back.rgb);
  }
}

}  // namespace
}  // namespace rc
