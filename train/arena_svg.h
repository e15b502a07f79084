// The arena over a step as a picture: x is the ops in order, y the address.
#pragma once

#include <string>

#include "train/step_plan.h"

namespace rc {

// A rectangle a buffer, its name shown on hover. A file of its own, light or dark after the reader's system.
std::string arena_svg(const StepPlan&, const std::string& title);

}  // namespace rc
