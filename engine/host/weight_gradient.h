// Weight gradients of convolutions as sums of outer products over pixels, ours: oneDNN leaves a quarter to a
// third of an AVX-512 processor idle there.
#pragma once

#include <memory>

#include "engine/device.h"

namespace rc {

// Null where it does not apply: groups, channels that are no multiple of 8, storages other than by 16 or side
// by side, in fp32 filters larger than 1x1 or strides with short rows, more workspace than the policy allows,
// a processor without AVX-512, bf16 where own_bf16() is not.
std::unique_ptr<Plan> weight_gradient_plan(const ConvDesc&, const Policy&);

}  // namespace rc
