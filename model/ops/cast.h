// The working copy of a filter in the precision of the trace; the fp32 variable stays the master.
#pragma once

#include "engine/graph.h"

namespace rc {

// x itself where it has that type. The gradient of the copy is the master's, in fp32.
Value cast(Value x, DType to);

}  // namespace rc
