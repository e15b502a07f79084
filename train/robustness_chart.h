// Robustness as a chart: the AUC over the levels of every kind of interference.
#pragma once

#include <span>
#include <string>

#include "train/evaluation.h"

namespace rc {

// A whole SVG file, light or dark after the reader's system: a panel a kind, from the clean set to the
// strongest level, all on one scale. Of one set the AUC of frames and of videos, of several that of videos,
// each in its colour. All sets were measured under the same interference; there is some.
std::string robustness_chart(std::span<const Evaluation>);

}  // namespace rc
