// The working copy of a filter in the precision of the trace, where the fp32 variable stays the master; and
// the way back of a gradient that was written in that precision.
#pragma once

#include "engine/graph.h"

namespace rc {

// x itself where it has that type. The gradient of a bf16 copy is the master's, in fp32.
Value cast(Value x, DType to);

}  // namespace rc
