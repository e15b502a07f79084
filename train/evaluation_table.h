// Evaluations of test sets as tables: one row for all of a set, one a forgery method.
#pragma once

#include <span>

#include "train/evaluation.h"
#include "train/table.h"

namespace rc {

// One row a set, one a forgery method, one a score other than P(fake), and where there are several sets their
// mean: set frames videos real fake | AUC EER AP ACC of frames | AUC of videos with its 95 % interval. real
// and fake count videos.
Table evaluation_table(std::span<const Evaluation>);

// Both levels in full, two rows each: count | AUC with its 95 % interval, EER, EER between vertices, AP, ACC,
// TDR at FPR 1e-2 and 1e-3, ECE, Brier score, NLL.
Table detail_table(std::span<const Evaluation>);

}  // namespace rc
