// Self-blending: the steps and ranges of the paper's pipeline, written anew.
#include <cmath>

#include "data/forge/method.h"
#include "data/forge/warp.h"

namespace rc {
namespace {

// Colour or sharpness that the inserted face does not share with its surroundings.
void change_tone(Canvas& face, Rng& rng) {
  Tone tone;
  for (float& offset : tone.offset) offset = rng.uniform(-14, 14);
  tone.saturation = rng.uniform(0.7f, 1.3f);
  const float contrast = rng.uniform(0.9f, 1.1f), brightness = rng.uniform(-0.1f, 0.1f) * 255 / 2;
  for (size_t c = 0; c < 3; ++c) tone.gain[c] *= contrast, tone.offset[c] += brightness;
  apply(face, tone);
}

void change_sharpness(Canvas& face, Rng& rng) {
  if (rng.coin(0.5f)) {
    const int factor = rng.coin(0.5f) ? 2 : 4;
    face = through_resolution(face, face.size / factor, Kernel::nearest, Kernel::linear);
    return;
  }
  Canvas smooth = face;  // unsharp masking
  blur(smooth, 1.5f);
  const float amount = rng.uniform(0.5f, 1.2f);
  for (size_t i = 0; i < face.rgb.size(); ++i) face.rgb[i] += amount * (face.rgb[i] - smooth.rgb[i]);
}

}  // namespace

Forgery self_blend(const Frame& target, const Frame&, float strength, Rng& rng) {
  const int size = target.canvas.size;
  Canvas face = target.canvas;
  change_tone(face, rng);
  change_sharpness(face, rng);

  const Point shift{rng.uniform(-0.03f, 0.03f) * float(size), rng.uniform(-0.015f, 0.015f) * float(size)};
  const Affine move =
      Affine::about(centre_of(target.points), 0, double(rng.uniform(0.95f, 1 / 0.95f)), shift);
  const Field placed(size, move.inverse());
  face = warp(face, placed);

  Mask mask = warp(hull_mask(size, target.points), placed);
  mask = warp(mask, elastic(size, face_share(target.points, 0.05f), rng));
  feather(mask, face_share(target.points, rng.uniform(0.03f, 0.15f)));

  static constexpr float kRatios[] = {0.5f, 0.75f, 1, 1};  // the paper also has 0.25, which no eye finds
  const float ratio = kRatios[rng.below(4)];
  return {composite(target.canvas, face, mask, strength * ratio), mask};
}

}  // namespace rc
