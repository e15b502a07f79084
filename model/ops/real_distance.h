// Score of embeddings against the centres of natural faces, for evaluation.
#pragma once

#include "engine/graph.h"

namespace rc {

// v [N, D] raw embeddings, centre [K, D] -> [N], 1 - cos(v, c), c the nearest centre.
Value real_distance(Value v, Value centre);

}  // namespace rc
