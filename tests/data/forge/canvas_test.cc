#include "data/forge/canvas.h"

#include <algorithm>
#include <cmath>

#include "data/forge/warp.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

TEST_SUITE("unit") {
  TEST_CASE("canvas: to floating point and back, and through a warp that moves nothing") {
    const Image image = noise(37, 37, 1);
    CHECK(to_image(Canvas(image)) == image);
    CHECK(to_image(warp(Canvas(image), Field(37))) == image);
  }

  TEST_CASE("blur: keeps the mass, has the sigma it was asked for, keeps what is even") {
    Mask impulse(81);
    impulse.at(40, 40) = 1;
    blur(impulse, 4);
    double mass = 0, spread = 0;
    for (int y = 0; y < 81; ++y)
      for (int x = 0; x < 81; ++x) {
        mass += double(impulse.at(y, x));
        spread += double(impulse.at(y, x)) * (x - 40) * (x - 40);
      }
    CHECK(mass == doctest::Approx(1).epsilon(1e-5));
    CHECK(std::sqrt(spread) == doctest::Approx(4).epsilon(0.02));  // cut at three sigma: 1.4 % less
    CHECK(impulse.at(40, 40 + 13) == 0);

    Canvas even(16);
    std::fill(even.rgb.begin(), even.rgb.end(), 100.0f);
    blur(even, 3);
    for (const float value : even.rgb) CHECK(value == doctest::Approx(100).epsilon(1e-5));
  }

  TEST_CASE("blur: rows and columns alike, the border repeated") {
    Mask across(20), down(20);
    for (int i = 0; i < 20; ++i) across.at(i, 0) = down.at(0, i) = 1;
    blur(across, 2);
    blur(down, 2);
    for (int i = 0; i < 20; ++i)
      CHECK(across.at(5, i) == doctest::Approx(double(down.at(i, 5))).epsilon(1e-5));
    CHECK(across.at(5, 0) > 0.5f);  // all that lies beyond the border is 1 as well
  }

  TEST_CASE("through_resolution: the same size changes nothing, a small one keeps the mean alone") {
    const Canvas canvas(noise(32, 32, 2));
    CHECK(through_resolution(canvas, 32, Kernel::linear, Kernel::nearest).rgb == canvas.rgb);
    const Canvas coarse = through_resolution(canvas, 8, Kernel::linear, Kernel::nearest);
    float mean = 0;
    for (int y = 4; y < 8; ++y)
      for (int x = 8; x < 12; ++x) mean += canvas.at(y, x)[1] / 16;
    for (int y = 4; y < 8; ++y)
      for (int x = 8; x < 12; ++x) CHECK(coarse.at(y, x)[1] == doctest::Approx(double(mean)).epsilon(1e-4));
  }

  TEST_CASE("thin plate: meets its points, is affine where they are, bends smoothly") {
    const std::vector<Point> from{{10, 10}, {50, 12}, {30, 55}, {12, 48}, {52, 50}};
    std::vector<Point> to = from;
    to[2] = {34, 50};
    const ThinPlate plate(from, to, 0);
    for (size_t i = 0; i < from.size(); ++i) {
      CHECK(plate(from[i]).x == doctest::Approx(double(to[i].x)).epsilon(1e-4));
      CHECK(plate(from[i]).y == doctest::Approx(double(to[i].y)).epsilon(1e-4));
    }
    const Affine move = Affine::about({30, 30}, 0.2, 1.1, {3, -2});
    for (size_t i = 0; i < from.size(); ++i) to[i] = move(from[i]);
    const ThinPlate affine(from, to, 1e-3);  // stiffness costs an affine map nothing
    CHECK(affine({0, 64}).x == doctest::Approx(double(move({0, 64}).x)).epsilon(1e-4));
    CHECK(affine({0, 64}).y == doctest::Approx(double(move({0, 64}).y)).epsilon(1e-4));
  }

  TEST_CASE("warp: pixels come from where the map says") {
    const Canvas canvas(gradient(64, 64));
    const Canvas moved = warp(canvas, Field(64, [](Point p) { return p + Point{5, -3}; }));
    for (int y = 3; y < 64; ++y)
      for (int x = 0; x < 59; ++x)
        for (int c = 0; c < 3; ++c)
          REQUIRE(moved.at(y, x)[c] == doctest::Approx(double(canvas.at(y - 3, x + 5)[c])));
  }

  TEST_CASE("elastic: within its amplitude, and not nothing") {
    Rng rng(1, Purpose::test);
    const Field field = elastic(100, 6, rng);
    float most = 0;
    for (int y = 0; y < 100; ++y)
      for (int x = 0; x < 100; ++x)
        most = std::max({most, std::abs(field.at(y, x).x), std::abs(field.at(y, x).y)});
    CHECK(most <= 6);
    CHECK(most > 2);
  }
}

}  // namespace
}  // namespace rc
