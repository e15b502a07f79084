// Filters in files are PyTorch's [K, C, R, S]; ours are [K, R, S, C].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/shape.h"

namespace rc {

// The shape in files: that of a filter turned round, any other as it is.
std::vector<int64_t> pytorch_shape(const Shape&);

// fp32 values of a variable of our shape, from one order to the other; those that are no filter as they are.
std::string to_pytorch_order(std::string bytes, const Shape&);
std::string from_pytorch_order(std::string bytes, const Shape&);
std::vector<float> to_pytorch_order(std::vector<float> values, const Shape&);

}  // namespace rc
