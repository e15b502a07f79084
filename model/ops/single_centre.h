// Single-centre loss, a control beside the real-centric objective (formulas in kernels/single_centre.h).
#pragma once

#include "engine/graph.h"
#include "kernels/single_centre.h"

namespace rc {

// f [N, D] fp32 features, not normalised; label [N] i32; centre [1, D] a parameter, drawn from N(0, 1)
// (model/init.h); m the margin in units of sqrt(D) -> [kSingleCentreResults], the loss first; a loss for
// Graph::backward, weighted by scalars[kObjectiveWeight]. The gradient flows to f and to the centre.
Value single_centre_loss(Value f, Value label, Value centre, Value scalars, float m);

}  // namespace rc
