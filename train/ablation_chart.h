// An ablation as a chart: a row a cell, its AUC to the left and its difference to the baseline to the right.
#pragma once

#include <string>

#include "train/ablation_table.h"

namespace rc {

// A whole SVG file, light or dark after the reader's system. Clean above, under interference below; a large
// point is the mean over seeds, small ones are the seeds, the line is the 95 % interval over videos.
std::string ablation_chart(const AblationTable&);

}  // namespace rc
