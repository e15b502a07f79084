// The ways of forging a face. Each is a file of its own, with a physics of its own, and shares the seam with
// the others: whatever lies outside the mask stays the target's frame to the bit.
#pragma once

#include <array>

#include "data/forge/blend.h"
#include "data/forge/canvas.h"
#include "data/landmarks.h"
#include "engine/rng.h"

namespace rc {

// One frame of one person.
struct Frame {
  Canvas canvas;
  Landmarks points;
};

struct Forgery {
  Canvas canvas;
  Mask mask;  // where the target's frame was touched
};

// `source` is the other person's frame of the same time; strength 0 (the target's frame to the bit) to 1.
using ForgeFunction = Forgery (*)(const Frame& target, const Frame& source, float strength, Rng&);

// The target's own face, slightly changed, blended onto itself: nothing but the act of blending remains
// (Shiohara and Yamasaki, "Detecting deepfakes with self-blended images", CVPR 2022; the changes are on the
// inserted face alone, so that target and fake stay aligned outside of it).
Forgery self_blend(const Frame& target, const Frame& source, float strength, Rng&);

// The source's face bent onto the target's landmarks, its colours matched, seen through the resolution of a
// generator.
Forgery face_swap(const Frame& target, const Frame& source, float strength, Rng&);

// The target's face with the source's expression: mouth, eyes and brows moved, rendered anew and lit anew.
Forgery reenact(const Frame& target, const Frame& source, float strength, Rng&);

// The inner face through the down- and upsampling of a generator, with its loss of grey levels.
Forgery resynthesise(const Frame& target, const Frame& source, float strength, Rng&);

struct ForgeMethod {
  const char* name;  // of its folder under manipulated_sequences
  ForgeFunction forge;
};
inline constexpr std::array<ForgeMethod, 4> kForgeMethods{
    {{"SelfBlend", self_blend}, {"FaceSwap", face_swap}, {"Reenact", reenact}, {"Resynth", resynthesise}}};

// The points drawn towards their centre: 1 as they are, 0 all at the centre.
Landmarks shrunk(const Landmarks&, float factor);

// Pixels that `share` of the face's width (jaw to jaw) takes.
float face_share(const Landmarks&, float share);

}  // namespace rc
