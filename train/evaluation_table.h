// An evaluation as a table: one row for all, one a forgery method.
#pragma once

#include "train/evaluation.h"
#include "train/table.h"

namespace rc {

// One row for all, one a forgery method, one a score other than P(fake):
// set frames videos real fake | AUC EER AP ACC of frames | AUC of videos with its 95 % interval. real and
// fake count videos.
Table evaluation_table(const Evaluation&);

}  // namespace rc
