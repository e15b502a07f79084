// Softmax cross-entropy.
#pragma once

#include "engine/graph.h"

namespace rc {

struct CrossEntropyValues {
  Value
      loss;  // [1], the mean over rows; a loss for Graph::backward, weighted by scalars[kCrossEntropyWeight]
  Value probabilities;  // [N, classes]
};

// logits [N, classes], label [N] i32.
CrossEntropyValues cross_entropy(Value logits, Value label, Value scalars);

}  // namespace rc
