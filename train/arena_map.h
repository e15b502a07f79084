// The arena over a step as characters: who lies at which address from which op to which.
#pragma once

#include <string>

#include "train/step_plan.h"

namespace rc {

// Rows are addresses, the highest on top, columns are ops in order. A cell shows the kind that fills most of
// it, or nothing where less than half of it is taken. With a scale, the phases below, and a legend.
std::string arena_map(const StepPlan&, int columns, int rows);

}  // namespace rc
