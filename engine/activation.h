// What is applied to a sum before it is written, by kernels and by vendors' primitives. silu(x) = x
// sigmoid(x).
#pragma once

#include <cstdint>

namespace rc {

enum class Activation : uint8_t { none, relu, silu, sigmoid };

}  // namespace rc
