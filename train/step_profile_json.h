// A profile for machines.
#pragma once

#include <nlohmann/json.hpp>

#include "train/step_profile.h"

namespace rc {

// {"images", "steps": [seconds], "seconds", "ops": [{"scope", "name", "phase", ...}]}, ops in the order in
// which they ran.
nlohmann::ordered_json to_json(const StepProfile&);

}  // namespace rc
