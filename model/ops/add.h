// Sum of two tensors of one shape; also how gradients of a value that is used twice are joined.
#pragma once

#include "engine/graph.h"

namespace rc {

Value add(Value a, Value b);

}  // namespace rc
