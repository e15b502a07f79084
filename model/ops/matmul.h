// Matrix product by the device's vendor primitive.
#pragma once

#include "engine/graph.h"

namespace rc {

// op(a)[M,K] op(b)[K,N] -> [M,N], all fp32 and row-major; op transposes where asked. At most one of both is
// transposed. A 1x1 filter [K,1,1,C] is the matrix [K,C].
Value matmul(Value a, Value b, bool transpose_a = false, bool transpose_b = false);

}  // namespace rc
