// A profile for people, on 110 columns.
#pragma once

#include <string>

#include "train/step_profile.h"

namespace rc {

// A bar for each phase: how the step divides.
std::string phase_bars(const StepProfile&);

// The longest `most` groups, the others in one line, and all of them at the foot.
std::string profile_table(const StepProfile&, GroupBy, int most);

extern const char* const kWhatTheColumnsAre;

}  // namespace rc
