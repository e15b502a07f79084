// Consistency of an image's two views, a control beside the real-centric objective (formulas in
// kernels/consistency.h).
#pragma once

#include "engine/graph.h"
#include "kernels/consistency.h"

namespace rc {

// f [N, D] fp32 features, view after view: rows i and N / 2 + i are of one image -> [kConsistencyResults],
// the loss first; a loss for Graph::backward, weighted by scalars[kObjectiveWeight]. Classes play no part.
Value consistency_loss(Value f, Value scalars);

}  // namespace rc
