// The activation that a kernel applies to what it computes, before it writes. silu(x) = x sigmoid(x).
#pragma once

#include <cstdint>

namespace rc {

enum class Activation : uint8_t { none, relu, silu, sigmoid };

}  // namespace rc
