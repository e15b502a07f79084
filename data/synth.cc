#include "data/synth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

#include "data/forge/blend.h"
#include "data/forge/canvas.h"
#include "data/forge/variation.h"
#include "data/staging.h"
#include "engine/error.h"

namespace rc {
namespace {

constexpr float kPi = 3.14159265f;

// Lengths in units of the crop's side; about the values of a real face that was aligned with margin 1.3.
struct Shape {
  float half_width, chin, eye_level, eye_gap, eye_width, eye_open, brow_lift, brow_arch, nose_tip, nose_width,
      mouth_level, mouth_width, lip, smile, mouth_open, turn;

  explicit Shape(Rng& rng)
      : half_width(rng.uniform(0.21f, 0.27f)),
        chin(rng.uniform(0.83f, 0.91f)),
        eye_level(rng.uniform(0.455f, 0.475f)),
        eye_gap(rng.uniform(0.112f, 0.13f)),
        eye_width(rng.uniform(0.04f, 0.052f)),
        eye_open(rng.uniform(0.010f, 0.022f)),
        brow_lift(rng.uniform(0.05f, 0.08f)),
        brow_arch(rng.uniform(0.005f, 0.025f)),
        nose_tip(rng.uniform(0.595f, 0.625f)),
        nose_width(rng.uniform(0.035f, 0.06f)),
        mouth_level(rng.uniform(0.735f, 0.76f)),
        mouth_width(rng.uniform(0.085f, 0.115f)),
        lip(rng.uniform(0.016f, 0.032f)),
        smile(rng.uniform(-0.005f, 0.02f)),
        mouth_open(rng.uniform(0, 0.025f)),
        turn(rng.uniform(-0.015f, 0.015f)) {}
};

// An arc from (x0, y) to (x1, y) that rises by `rise` in the middle.
Point arc(float x0, float x1, float y, float rise, float t) {
  return {x0 + (x1 - x0) * t, y - rise * std::sin(kPi * t)};
}

Landmarks landmarks_of(const Shape& s, int size) {
  Landmarks p;
  for (size_t i = 0; i < 17; ++i) {
    const float t = kPi * float(i) / 16;
    p[i] = {0.5f - s.half_width * std::cos(t),
            s.eye_level + (s.chin - s.eye_level) * std::pow(std::max(0.0f, std::sin(t)), 0.8f)};
  }
  for (size_t i = 0; i < 5; ++i) {
    const float t = float(i) / 4, y = s.eye_level - s.brow_lift, out = s.eye_gap + 0.06f,
                in = s.eye_gap - 0.065f;
    p[17 + i] = arc(0.5f - out, 0.5f - in, y, s.brow_arch, t);
    p[22 + i] = arc(0.5f + in, 0.5f + out, y, s.brow_arch, t);
  }
  for (size_t i = 0; i < 4; ++i) p[27 + i] = {0.5f, s.eye_level + (s.nose_tip - s.eye_level) * float(i) / 3};
  for (size_t i = 0; i < 5; ++i)
    p[31 + i] = arc(0.5f - s.nose_width, 0.5f + s.nose_width, s.nose_tip + 0.02f, -0.012f, float(i) / 4);
  for (size_t i = 0; i < 6; ++i)  // around each eye: over the upper lid and back under it
    for (const float side : {-1.0f, 1.0f}) {
      const float centre = 0.5f + side * s.eye_gap, t = float(i < 4 ? i : 6 - i) / 3;
      p[side < 0 ? 36 + i : 42 + i] = arc(centre - s.eye_width, centre + s.eye_width, s.eye_level,
                                          i < 4 ? 1.3f * s.eye_open : -s.eye_open, t);
    }
  const float left = 0.5f - s.mouth_width, right = 0.5f + s.mouth_width;
  const auto lips = [&](size_t first, size_t half, float inset, float above, float below) {
    for (size_t i = 0; i < 2 * half; ++i) {
      const bool upper = i <= half;
      const float t = float(upper ? i : 2 * half - i) / float(half);
      p[first + i] = arc(left + inset, right - inset, s.mouth_level, upper ? above : -below, t);
      p[first + i].y -= s.smile * (std::abs(2 * t - 1) - 0.5f);
    }
  };
  lips(48, 6, 0, s.lip + s.mouth_open / 2, 1.2f * s.lip + s.mouth_open);
  lips(60, 4, 0.012f, s.mouth_open / 2, s.mouth_open);
  for (Point& point : p) {  // a turned head moves what is nearer to the viewer farther
    const float depth = std::max(0.0f, 1 - std::abs(point.x - 0.5f) / s.half_width);
    point = Point{point.x + s.turn * depth, point.y} * float(size);
  }
  return p;
}

using Colour = std::array<float, 3>;

Colour mix(const Colour& a, const Colour& b, float t) {
  return {a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])};
}

class Painter {
 public:
  Painter(int size, Rng& rng) : canvas_(size), rng_(rng) {}

  const Canvas& canvas() const { return canvas_; }

  // A smooth blend of two colours in some direction, with soft stripes.
  void background(const Colour& a, const Colour& b) {
    const float angle = rng_.uniform(0, 2 * kPi), dx = std::cos(angle), dy = std::sin(angle);
    const float waves = rng_.uniform(4, 30), height = rng_.uniform(0, 0.15f);
    for (int y = 0; y < canvas_.size; ++y)
      for (int x = 0; x < canvas_.size; ++x) {
        const float along = (float(x) * dx + float(y) * dy) / float(canvas_.size);
        const Colour colour = mix(a, b, 0.5f + 0.5f * along + height * std::sin(waves * along));
        std::ranges::copy(colour, canvas_.at(y, x));
      }
  }

  void polygon(std::span<const Point> points, const Colour& colour, float softness, float opacity = 1) {
    Mask mask = hull_mask(canvas_.size, points);
    blur(mask, softness * unit());
    Canvas paint(canvas_.size);
    for (size_t i = 0; i < paint.rgb.size(); ++i) paint.rgb[i] = colour[i % 3];
    canvas_ = composite(canvas_, paint, mask, opacity);
  }

  void ellipse(Point centre, float rx, float ry, const Colour& colour, float softness, float opacity = 1) {
    std::array<Point, 32> points;
    for (size_t i = 0; i < points.size(); ++i) {
      const float t = 2 * kPi * float(i) / 32;
      points[i] = {centre.x + rx * std::cos(t), centre.y + ry * std::sin(t)};
    }
    polygon(points, colour, softness, opacity);
  }

  // Light from one side, and grain of two sizes.
  void light_and_grain() {
    const float slope = rng_.uniform(-30, 30), fine = rng_.uniform(2, 5), coarse = rng_.uniform(2, 6);
    Canvas grain(canvas_.size);
    for (float& value : grain.rgb) value = rng_.uniform(-1, 1);
    Canvas clouds = grain;
    blur(clouds, 2 * unit());
    for (int y = 0; y < canvas_.size; ++y)
      for (int x = 0; x < canvas_.size; ++x)
        for (int c = 0; c < 3; ++c)
          canvas_.at(y, x)[c] += slope * (float(x) / float(canvas_.size) - 0.5f) + fine * grain.at(y, x)[c] +
                                 coarse * 8 * clouds.at(y, x)[c];
  }

 private:
  float unit() const { return float(canvas_.size) / 256; }

  Canvas canvas_;
  Rng& rng_;
};

void paint_head(Painter& painter, const Landmarks& p, const Shape& s, float size, const Colour& skin,
                const Colour& hair, Rng& rng) {
  const Point middle{p[27].x, p[27].y};
  const float width = s.half_width * size, volume = rng.uniform(1.1f, 1.35f);
  painter.ellipse({middle.x, middle.y - 0.1f * size}, width * volume, 0.32f * size * volume, hair, 2);
  const Colour shirt{rng.uniform(20, 230), rng.uniform(20, 230), rng.uniform(20, 230)};
  painter.ellipse({middle.x, 1.12f * size}, 0.45f * size, 0.22f * size, shirt, 1);
  painter.ellipse({middle.x, 0.9f * size}, 0.55f * width, 0.2f * size, mix(skin, {0, 0, 0}, 0.2f), 2);

  std::vector<Point> face(p.begin(), p.begin() + 17);
  for (int i = 1; i < 8; ++i) {
    const float t = kPi * float(i) / 8;
    face.push_back({middle.x - width * std::cos(t), p[0].y - 0.27f * size * std::sin(t)});
  }
  painter.polygon(face, skin, 1.5f);
  for (const size_t cheek : {size_t(2), size_t(14)})
    painter.ellipse(p[cheek] + (p[30] - p[cheek]) * 0.4f, 0.3f * width, 0.25f * width,
                    mix(skin, {220, 90, 80}, 0.4f), 6, 0.5f);
  if (rng.coin(0.5f))  // fringe
    painter.ellipse({middle.x + rng.uniform(-0.1f, 0.1f) * size, p[19].y - 0.19f * size}, width, 0.1f * size,
                    hair, 3);
}

void paint_features(Painter& painter, const Landmarks& p, float size, const Colour& skin, const Colour& hair,
                    Rng& rng) {
  const std::span all(p);
  const Colour iris{rng.uniform(40, 110), rng.uniform(50, 120), rng.uniform(30, 150)};
  const Colour lips = mix(skin, {rng.uniform(150, 210), 50, 60}, rng.uniform(0.3f, 0.7f));
  const float thick = rng.uniform(0.006f, 0.014f) * size;
  for (const size_t first : {size_t(17), size_t(22)}) {
    std::vector<Point> brow(p.begin() + std::ptrdiff_t(first), p.begin() + std::ptrdiff_t(first) + 5);
    for (size_t i = 0; i < 5; ++i) brow.push_back(p[first + i] + Point{0, thick});
    painter.polygon(brow, mix(hair, {20, 15, 10}, 0.4f), 1, 0.9f);
  }
  for (const FacePart eye : {kLeftEye, kRightEye}) {
    const auto outline = all.subspan(size_t(eye.first), 6);
    const Point centre = centre_of(outline);
    painter.ellipse(centre, 0.07f * size, 0.035f * size, mix(skin, {60, 40, 40}, 0.4f), 5, 0.6f);
    painter.polygon(outline, {235, 232, 228}, 0.7f);
    painter.ellipse(centre, 0.019f * size, 0.019f * size, iris, 0.6f);
    painter.ellipse(centre, 0.009f * size, 0.009f * size, {12, 10, 10}, 0.5f);
    painter.ellipse(centre + Point{0.005f, -0.006f} * size, 0.004f * size, 0.004f * size, {250, 250, 250},
                    0.4f);
  }
  const Colour shade = mix(skin, {50, 25, 20}, 0.45f);
  const std::array<Point, 3> bridge{p[27], p[30] + Point{-0.02f, 0} * size, p[30]};
  painter.polygon(bridge, shade, 4, 0.6f);
  painter.polygon(all.subspan(31, 5), shade, 2, 0.9f);
  for (const size_t nostril : {size_t(32), size_t(34)})
    painter.ellipse(p[nostril], 0.011f * size, 0.006f * size, mix(shade, {0, 0, 0}, 0.5f), 1);
  painter.polygon(all.subspan(48, 12), lips, 1.2f);
  painter.polygon(all.subspan(60, 8), {rng.uniform(60, 220), 60, 60}, 0.8f);
}

}  // namespace

Person draw_person(uint64_t seed, uint32_t number, int size) {
  Rng rng = forge_rng(seed, number, number, 0, ForgeDraw::portrait);
  const Shape shape(rng);
  const Landmarks points = landmarks_of(shape, size);
  const Colour skin = mix({240, 205, 180}, {95, 60, 45}, rng.uniform());
  const Colour hair = mix({25, 18, 15}, {190, 150, 90}, rng.uniform() * rng.uniform());

  Painter painter(size, rng);
  Colour ends[2];
  for (Colour& end : ends)
    for (float& value : end) value = rng.uniform(20, 235);
  painter.background(ends[0], ends[1]);
  paint_head(painter, points, shape, float(size), skin, hair, rng);
  paint_features(painter, points, float(size), skin, hair, rng);
  painter.light_and_grain();

  char id[16];
  std::snprintf(id, sizeof id, "drawn-%04u", number);
  return {id, to_image(painter.canvas()), points};
}

void draw_people(const std::filesystem::path& out, int people, int size, uint64_t seed, bool replace) {
  Staging staging(out, replace);
  for (int i = 0; i < people; ++i) write_person(staging, draw_person(seed, uint32_t(i), size));
  staging.write(
      "SOURCE.txt",
      "package: none, drawn by realcentric data synth\nlicence: free of rights, nobody's likeness\n");
  staging.commit();
}

}  // namespace rc
