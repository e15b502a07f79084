// What is dropped at random while training. The seed says which layer draws; the number of the step, i32 [1],
// is read when the step runs. In inference nothing is dropped, and these are not called.
#pragma once

#include "engine/graph.h"

namespace rc {

// x / (1 - rate) where it is kept, with probability 1 - rate for each element, else 0. x is fp32.
Value dropout(Value x, Value step, float rate, uint64_t seed);
// [images], each 1 / (1 - rate) or 0 as above: how stochastic depth (Huang et al., ECCV 2016) scales a
// residual branch, image by image.
Value branch_scale(Value step, int64_t images, float rate, uint64_t seed);

}  // namespace rc
