// Whether P(fake) means what it says: a reliability diagram.
#pragma once

#include <string>

#include "train/reported_run.h"

namespace rc {

// The diagram of the frames' bins in results.json ("reliability"), with the errors beside it; empty where an
// evaluation wrote none.
std::string calibration_card(const ReportedSet&);

}  // namespace rc
