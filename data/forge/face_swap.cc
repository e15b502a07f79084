// Swapping another person's face in.
#include "data/forge/method.h"
#include "data/forge/warp.h"

namespace rc {

Forgery face_swap(const Frame& target, const Frame& source, float strength, Rng& rng) {
  const int size = target.canvas.size;
  const ThinPlate plate(target.points, source.points, 1e-3);
  Canvas face = warp(source.canvas, Field(size, plate));
  const int resolution = int(float(size) * rng.uniform(0.28f, 0.5f));
  face = through_resolution(face, resolution, Kernel::linear, Kernel::linear);

  Mask mask = hull_mask(size, shrunk(target.points, rng.uniform(0.92f, 0.99f)));
  transfer_colour(face, target.canvas, mask, rng.uniform(0.75f, 0.95f));
  feather(mask, face_share(target.points, rng.uniform(0.04f, 0.12f)));
  return {composite(target.canvas, face, mask, strength), mask};
}

}  // namespace rc
