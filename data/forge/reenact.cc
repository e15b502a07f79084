// Expression transfer: the same person, moved by the landmarks of another one's expression.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "data/affine.h"
#include "data/forge/method.h"
#include "data/forge/warp.h"

namespace rc {
namespace {

// How far each landmark of the target moves when it takes on the source's expression: within mouth, each eye
// and the brows, where the source's part differs in shape from the target's once both faces lie on one
// another.
Landmarks expression(const Landmarks& target, const Landmarks& source) {
  const Affine align = fit_similarity(source, target);
  Landmarks aligned, move{};
  std::ranges::transform(source, aligned.begin(), align);
  for (const FacePart part : {kBrows, kLeftEye, kRightEye, kMouth}) {
    const Point offset = centre_of(aligned, part) - centre_of(target, part);
    for (size_t i = size_t(part.first); i < size_t(part.last); ++i) move[i] = aligned[i] - target[i] - offset;
  }
  return move;
}

// The mouth opens (or, below 0, closes) by `amount` pixels: the lower lip and the chin go down.
void open_mouth(Landmarks& move, float amount) {
  static constexpr size_t kLowerLip[] = {55, 56, 57, 58, 59, 65, 66, 67};
  static constexpr size_t kChin[] = {6, 7, 8, 9, 10};
  for (const size_t i : kLowerLip) move[i].y += amount;
  for (const size_t i : kChin) move[i].y += 0.5f * amount;
}

float largest(const Landmarks& move) {
  float most = 0;
  for (const Point p : move) most = std::max(most, std::sqrt(p.x * p.x + p.y * p.y));
  return most;
}

// Light from a wrongly estimated direction: brightness rises linearly across the face by `amount` grey
// levels.
void shade(Canvas& canvas, const Landmarks& points, float direction, float amount) {
  const Point centre = centre_of(points);
  const float reach = face_share(points, 0.5f), dx = std::cos(direction), dy = std::sin(direction);
  for (int y = 0; y < canvas.size; ++y)
    for (int x = 0; x < canvas.size; ++x) {
      const float along = ((float(x) - centre.x) * dx + (float(y) - centre.y) * dy) / reach;
      for (int c = 0; c < 3; ++c) canvas.at(y, x)[c] += amount * std::clamp(along, -1.0f, 1.0f);
    }
}

// Landmarks, and a frame of fixed points around the face that holds everything else in place.
std::vector<Point> with_border(const Landmarks& points, int size) {
  std::vector<Point> all(points.begin(), points.end());
  for (int i = 0; i <= 4; ++i) {
    const float at = float(i * (size - 1)) / 4, end = float(size - 1);
    for (const Point p : {Point{at, 0}, Point{at, end}}) all.push_back(p);
    if (i > 0 && i < 4)
      for (const Point p : {Point{0, at}, Point{end, at}}) all.push_back(p);
  }
  return all;
}

}  // namespace

Forgery reenact(const Frame& target, const Frame& source, float strength, Rng& rng) {
  const int size = target.canvas.size;
  Landmarks move = expression(target.points, source.points);
  open_mouth(move, face_share(target.points, rng.uniform(-0.03f, 0.06f)));
  // Expressions may be all but equal or wildly apart; a clip drives the face by a like amount either way.
  const float wanted = face_share(target.points, rng.uniform(0.05f, 0.09f)),
              factor = wanted / std::max(largest(move), 1e-3f);
  Landmarks moved;
  for (size_t i = 0; i < moved.size(); ++i) moved[i] = target.points[i] + move[i] * std::min(factor, 3.0f);

  const ThinPlate plate(with_border(moved, size), with_border(target.points, size), 1e-3);
  Canvas face = warp(target.canvas, Field(size, plate));
  const int texture = int(float(size) * rng.uniform(0.3f, 0.5f));
  face = through_resolution(face, texture, Kernel::linear, Kernel::linear);
  shade(face, target.points, rng.uniform(0, 6.2831853f), rng.uniform(10, 22));

  Mask mask = hull_mask(size, shrunk(moved, 0.97f));
  feather(mask, face_share(target.points, rng.uniform(0.06f, 0.12f)));
  return {composite(target.canvas, face, mask, strength), mask};
}

}  // namespace rc
