// A profile for machines.
#pragma once

#include <nlohmann/json.hpp>

#include "train/step_profile.h"

namespace rc {

// {"images", "steps": [seconds], "seconds", "ops": [{"scope", "name", "phase", ...}]}, ops in the order in
// which they ran.
nlohmann::ordered_json to_json(const StepProfile&);

// That of another process, whose limits are set here.
StepProfile profile_of_json(const nlohmann::json&, const Limit&);

}  // namespace rc
