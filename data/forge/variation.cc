#include "data/forge/variation.h"

#include <algorithm>

#include "data/affine.h"
#include "data/forge/warp.h"
#include "engine/error.h"

namespace rc {

Rng forge_rng(uint64_t seed, uint32_t target, uint32_t source, uint32_t frame, ForgeDraw use,
              uint32_t index) {
  check(target < 1 << 16 && source < 1 << 16 && index < 16, "forge: too many people or methods");
  return Rng(seed, Purpose::forge, target << 16 | source, frame << 6 | (uint32_t(use) + index));
}

Frame frame_of(const Person& person, uint32_t number, uint32_t frame, uint64_t seed) {
  Rng rng = forge_rng(seed, number, number, frame, ForgeDraw::variation);
  const int size = person.face.width;
  const float unit = float(size) / 256;
  const Point middle{float(size - 1) / 2, float(size - 1) / 2};
  // Always a little closer than the portrait, so that its border never shows.
  const double turn = double(rng.uniform(-0.04f, 0.04f)), zoom = double(rng.uniform(1.06f, 1.12f));
  const Point shift{rng.uniform(-3, 3) * unit, rng.uniform(-3, 3) * unit};
  const Affine move = Affine::about(middle, turn, zoom, shift);

  Frame result{warp(Canvas(person.face), Field(size, move.inverse())), {}};
  std::ranges::transform(person.points, result.points.begin(), move);
  Tone tone;
  const float contrast = rng.uniform(0.94f, 1.06f), brightness = rng.uniform(-8, 8),
              warmth = rng.uniform(-3, 3);
  for (float& gain : tone.gain) gain = contrast;
  tone.offset = {brightness + warmth, brightness, brightness - warmth};
  apply(result.canvas, tone);
  result.canvas = Canvas(to_image(result.canvas));
  return result;
}

}  // namespace rc
