// Bias of a linear layer, with its activation.
#pragma once

#include "engine/activation.h"
#include "engine/graph.h"

namespace rc {

// activation(x [N, D] + bias [D]).
Value add_bias(Value x, Value bias, Activation activation);

}  // namespace rc
