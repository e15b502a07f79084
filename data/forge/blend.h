// How a forged face is laid over a real one: region, colours, composition.
#pragma once

#include <array>
#include <span>

#include "data/forge/canvas.h"
#include "data/landmarks.h"

namespace rc {

// 1 inside the convex hull of the points, 0 outside.
Mask hull_mask(int size, std::span<const Point>);

// Blurs the mask so that it ends where it ended: first taken in by `feather` pixels, then blurred to nothing
// there.
void feather(Mask&, float feather);

// Moves the colours of `from` towards those of `to` under the mask: mean and standard deviation of each
// channel in Ohta's decorrelated space (Ohta et al. 1980; the transfer is Reinhard et al. 2001). amount 0
// nothing, 1 all.
void transfer_colour(Canvas& from, const Canvas& to, const Mask&, float amount);

// Photometric change of a whole canvas.
struct Tone {
  std::array<float, 3> gain{1, 1, 1};  // about mid grey
  std::array<float, 3> offset{};       // grey levels
  float saturation = 1;
};
void apply(Canvas&, const Tone&);

// background + opacity mask (face - background). Exactly the background where opacity or mask is 0.
Canvas composite(const Canvas& background, const Canvas& face, const Mask&, float opacity);

}  // namespace rc
