// The frames of a person's "video": one portrait, moved and lit a little differently each time. Real frames
// are these; fakes are forged on them, so that frame k of a fake lies on frame k of its target.
#pragma once

#include <cstdint>

#include "data/forge/method.h"
#include "data/people.h"

namespace rc {

// Rounded to 8 bits. `person` is the person's number in the corpus; the same arguments give the same frame.
Frame frame_of(const Person&, uint32_t person, uint32_t frame, uint64_t seed);

// What the numbers of a frame are drawn for; the methods come first.
enum class ForgeDraw : uint32_t { method = 0, codec = 16, variation = 32, portrait = 33 };

// The stream of (target, source, frame) for one use. `index` is the method's number.
Rng forge_rng(uint64_t seed, uint32_t target, uint32_t source, uint32_t frame, ForgeDraw, uint32_t index = 0);

}  // namespace rc
