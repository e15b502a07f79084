// Measured steps as spans of a trace: steps hold their way forward, back and the update, these hold their
// ops.
#pragma once

#include <span>

#include "engine/trace.h"
#include "train/step_profile.h"

namespace rc {

// `marks`: those of Program::run of the profile's program, of one step after another, numbered from `first`.
// Adds a track for them, and the bytes of the arena that each op finds taken as a value over time.
void add_steps(Trace&, const std::string& track, const StepProfile&, std::span<const double> marks,
               int64_t first);

}  // namespace rc
