// What the values of a tensor look like.
#pragma once

#include "model/weights/stored_tensor.h"

namespace rc {

// Over the finite values, in double precision and their order; NaN where there are none.
struct TensorFacts {
  double mean, deviation, least, greatest;  // deviation: of the population, as NumPy's std
  int64_t nan = 0, infinite = 0;
};
TensorFacts facts_of(const StoredTensor&);

}  // namespace rc
