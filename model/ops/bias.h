// Bias of a linear layer, with its activation.
#pragma once

#include "engine/graph.h"

namespace rc {

// x [N, D] + bias [D], then ReLU where asked.
Value add_bias(Value x, Value bias, bool relu);

}  // namespace rc
