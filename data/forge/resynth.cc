// Region re-synthesis: what is left of a face that passed through a network's bottleneck.
#include <cmath>

#include "data/forge/method.h"

namespace rc {
namespace {

// Grey levels at steps of `step`, as of a coarse output quantiser.
void quantise(Canvas& canvas, float step) {
  for (float& value : canvas.rgb) value = std::round(value / step) * step;
}

}  // namespace

Forgery resynthesise(const Frame& target, const Frame&, float strength, Rng& rng) {
  const int size = target.canvas.size;
  const Kernel down = rng.coin(0.5f) ? Kernel::linear : Kernel::nearest;
  const Kernel up = rng.coin(0.5f) ? Kernel::linear : Kernel::nearest;
  const int side = int(float(size) / rng.uniform(3.0f, 4.5f));
  Canvas face = through_resolution(target.canvas, side, down, up);
  if (up == Kernel::nearest)
    blur(face, 0.35f * float(size) / float(side));  // the smoothing layer after unpooling
  quantise(face, rng.uniform(6, 12));

  // Eyes, nose and mouth, without the jaw.
  Mask mask = hull_mask(size, std::span(target.points).subspan(size_t(kBrows.first)));
  blur(mask, face_share(target.points, rng.uniform(0.02f, 0.04f)));
  return {composite(target.canvas, face, mask, strength), mask};
}

}  // namespace rc
