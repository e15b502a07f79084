// Several runs beside each other: their results on each set, ROC over each other, and what was set
// differently.
#pragma once

#include <span>
#include <string>

#include "train/reported_run.h"

namespace rc {

std::string comparison_section(std::span<const ReportedRun>);

}  // namespace rc
