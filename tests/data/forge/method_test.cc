#include "data/forge/method.h"

#include <algorithm>
#include <cmath>

#include "data/forge/variation.h"
#include "data/synth.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

constexpr int kSize = 128;

const Frame& frame(uint32_t person) {
  static const std::array<Frame, 2> frames{frame_of(draw_person(3, 0, kSize), 0, 0, 9),
                                           frame_of(draw_person(3, 1, kSize), 1, 0, 9)};
  return frames[person];
}

Forgery forge(const ForgeMethod& method, float strength, uint32_t draw) {
  Rng rng = forge_rng(9, 0, 1, draw, ForgeDraw::method);
  return method.forge(frame(0), frame(1), strength, rng);
}

TEST_SUITE("unit") {
  TEST_CASE("frames: the same for the same numbers, a little different otherwise") {
    const Person person = draw_person(3, 0, kSize);
    CHECK(frame_of(person, 0, 0, 9).canvas.rgb == frame(0).canvas.rgb);
    const Frame next = frame_of(person, 0, 1, 9);
    const double change = mean_difference(to_image(next.canvas), to_image(frame(0).canvas));
    CHECK(change > 0.5);
    CHECK(change < 20);
  }

  TEST_CASE("frames: landmarks move with the picture, whose border never shows") {
    Person person{"marked", Image(kSize, kSize), {}};
    std::ranges::fill(person.face.rgb, uint8_t(160));
    const auto paint = [&](int x, int y, uint8_t grey) {
      for (int c = 0; c < 3; ++c) person.face.at(y, x)[c] = grey;
    };
    for (int i = 0; i < kSize; ++i)
      paint(i, 0, 255), paint(i, kSize - 1, 255), paint(0, i, 255), paint(kSize - 1, i, 255);
    for (int i = -2; i <= 2; ++i)
      for (int j = -2; j <= 2; ++j) paint(30 + i, 90 + j, 0);
    person.points[8] = {30, 90};
    for (uint32_t k = 0; k < 20; ++k) {
      const Frame moved = frame_of(person, 0, k, 9);
      float rgb[3];
      moved.canvas.sample(moved.points[8], rgb);
      CHECK(rgb[1] < 30);  // 0, brighter by 8 and of less contrast
      for (const float value : moved.canvas.rgb)
        REQUIRE(value < 185);  // 160 and as much; the border would be 245
    }
  }

  TEST_CASE("forging: outside its mask nothing changes, inside something does") {
    for (const ForgeMethod& method : kForgeMethods) {
      CAPTURE(method.name);
      double inside = 0, area = 0;
      for (uint32_t draw = 0; draw < 6; ++draw) {
        const Forgery fake = forge(method, 1, draw);
        for (size_t i = 0; i < fake.mask.alpha.size(); ++i)
          for (size_t c = 0; c < 3; ++c) {
            const float difference = std::abs(fake.canvas.rgb[i * 3 + c] - frame(0).canvas.rgb[i * 3 + c]);
            if (fake.mask.alpha[i] == 0)
              REQUIRE(difference == 0);
            else
              inside += double(difference) / 3;
          }
        for (const float alpha : fake.mask.alpha) area += alpha > 0 ? 1 : 0;
      }
      CHECK(area / (6 * kSize * kSize) > 0.05);
      CHECK(area / (6 * kSize * kSize) < 0.6);
      CHECK(inside / area > 1.5);  // grey levels: more than the codec's own error at quality 90
    }
  }

  TEST_CASE("forging: at strength 0 a fake is its target to the bit") {
    for (const ForgeMethod& method : kForgeMethods)
      for (uint32_t draw = 0; draw < 4; ++draw) {
        CAPTURE(method.name);
        CHECK(forge(method, 0, draw).canvas.rgb == frame(0).canvas.rgb);
      }
  }

  TEST_CASE("forging: less strength, less change") {
    for (const ForgeMethod& method : kForgeMethods) {
      CAPTURE(method.name);
      const Image real = to_image(frame(0).canvas);
      const double full = mean_difference(to_image(forge(method, 1, 2).canvas), real),
                   half = mean_difference(to_image(forge(method, 0.5f, 2).canvas), real);
      CHECK(half < 0.6 * full);
      CHECK(half > 0.4 * full);
    }
  }

  TEST_CASE("forging: every draw differs, the same draw does not") {
    for (const ForgeMethod& method : kForgeMethods) {
      CAPTURE(method.name);
      CHECK(forge(method, 1, 0).canvas.rgb == forge(method, 1, 0).canvas.rgb);
      CHECK(forge(method, 1, 0).canvas.rgb != forge(method, 1, 1).canvas.rgb);
    }
  }
}

}  // namespace
}  // namespace rc
