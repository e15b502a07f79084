// Score of embeddings against the centre of natural faces, for evaluation.
#pragma once

#include "engine/graph.h"

namespace rc {

// v [N, D] raw embeddings, centre [1, D] -> [N], 1 - cos(v, centre).
Value real_distance(Value v, Value centre);

}  // namespace rc
