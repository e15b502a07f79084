// A plan for machines.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/step_plan_text.h"

namespace rc {

// {"step": what was planned, "estimate": true, "plans": one for each GPU}. A plan has the GPU's facts,
// "memory" and "available" in bytes, "largest_batch" in images per view, "images" of one step, "seconds" and
// "images_per_second" at the roofline, "ops" in order and the "buffers" of the arena, with their ops from
// "first" to "last".
nlohmann::ordered_json to_json(const std::vector<PlannedGpu>&, const std::string& step);

}  // namespace rc
