#include "data/crop.h"

#include <cmath>

#include "data/affine.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

void check_near(Point a, Point b, float tolerance) {
  CHECK(std::abs(a.x - b.x) <= tolerance);
  CHECK(std::abs(a.y - b.y) <= tolerance);
}

TEST_SUITE("unit") {
  TEST_CASE("affine: inverse and turn about a point") {
    const Affine turn = Affine::about({10, 20}, 3.14159265358979 / 2, 2, {1, 0});
    check_near(turn({10, 20}), {11, 20}, 1e-5f);
    check_near(turn({11, 20}), {11, 22}, 1e-5f);
    check_near(turn.inverse()(turn({3, 7})), {3, 7}, 1e-5f);
    CHECK(turn.scale() == doctest::Approx(2));
  }

  TEST_CASE("similarity: a known one is found, and noise that no similarity explains averages out") {
    const Affine known = Affine::about({5, 5}, 0.3, 1.7, {-4, 9});
    const std::vector<Point> from{{0, 0}, {10, 1}, {3, 8}, {6, 6}};
    std::vector<Point> to;
    for (const Point p : from) to.push_back(known(p));
    const Affine found = fit_similarity(from, to);
    for (const Point p : from) check_near(found(p), known(p), 1e-4f);
    // Of a square stretched to twice its width the best similarity scales by 1.5.
    const std::vector<Point> square{{0, 0}, {2, 0}, {2, 2}, {0, 2}}, wide{{0, 0}, {4, 0}, {4, 2}, {0, 2}};
    CHECK(fit_similarity(square, wide).scale() == doctest::Approx(1.5));
  }

  TEST_CASE("aligned crop: a face of any place, size and turn lands on the template") {
    // Template positions for a crop of 256 with margin 1.3, worked out by hand: (p / 112 + 0.15) / 1.3 * 256.
    const std::array<size_t, 5> index{37, 44, 30, 49, 55};
    const std::array<Point, 5> wanted{{{96.871f, 120.435f},
                                       {158.832f, 120.092f},
                                       {128.045f, 155.670f},
                                       {102.594f, 191.942f},
                                       {153.905f, 191.658f}}};
    const Affine photo = Affine::about({0, 0}, -0.4, 3.1, {900, 400});
    Landmarks points;
    for (size_t i = 0; i < index.size(); ++i) points[index[i]] = photo(wanted[i]);
    const Affine placement = aligned_placement(points, 256, 1.3);
    for (size_t i = 0; i < index.size(); ++i) check_near(placement(points[index[i]]), wanted[i], 0.01f);
  }

  TEST_CASE("boxed crop: the box's centre is the crop's, its longer side takes size / margin") {
    const Affine placement = boxed_placement({100, 200, 200, 280}, 128, 1.25);
    check_near(placement({150, 240}), {63.5f, 63.5f}, 1e-4f);
    CHECK(placement.scale() == doctest::Approx(128 / 125.0));
  }

  TEST_CASE("crop: whole shifts keep pixels, landmarks move along, the border is mirrored") {
    const Image photo = noise(40, 50, 1);
    Landmarks points;
    points[3] = {12, 9};
    const Crop crop = crop_face(photo, points, {1, 0, 0, 1, -5, 3}, 20);  // shows x 5..24, y -3..16
    check_near(crop.points[3], {7, 12}, 0);
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 20; ++x)
        for (int c = 0; c < 3; ++c) REQUIRE(crop.image.at(y, x)[c] == photo.at(std::abs(y - 3), x + 5)[c]);
  }

  TEST_CASE("crop: smaller than what it shows, a pixel is the mean of its area") {
    Image stripes(64, 64);  // a plain bilinear sample would see black or white alone
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x)
        for (int c = 0; c < 3; ++c) stripes.at(y, x)[c] = x % 2 ? 255 : 0;
    const Crop crop = crop_face(stripes, {}, {0.25, 0, 0, 0.25, -0.375, -0.375}, 16);
    for (int x = 1; x < 15; ++x) CHECK(std::abs(int(crop.image.at(8, x)[0]) - 128) <= 1);
  }
}

}  // namespace
}  // namespace rc
