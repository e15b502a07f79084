// How runs learned: curves over the steps.
#pragma once

#include <span>
#include <string>

#include "train/reported_run.h"

namespace rc {

// All that one run logged, and loss and validation of several over each other; empty where nothing was.
std::string training_section(const ReportedRun&);
std::string training_section(std::span<const ReportedRun>);

}  // namespace rc
