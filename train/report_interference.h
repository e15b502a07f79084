// What is left of a detector under interference, kind by kind and level by level.
#pragma once

#include <string>

#include "train/reported_run.h"

namespace rc {

// A table and a small chart a kind; empty where results.json has no "perturbations".
std::string interference_card(const ReportedSet&);

}  // namespace rc
