// 1x1 convolutions and their data gradients in fp32, as our own product over pixels: oneDNN leaves a quarter
// of the processor idle there. Each result is one chain of fma over the input channels in order, so its bits
// depend neither on the storage nor on the number of threads.
#pragma once

#include <memory>

#include "engine/device.h"

namespace rc {

// Null where it does not apply: other types, sizes or storages, the weight gradient, a processor without
// AVX-512, a filter that does not fit the workspace, a sigmoid.
std::unique_ptr<Plan> pointwise_plan(const ConvDesc&, Direction, const Policy&);
std::unique_ptr<FusedConvolution> pointwise_fused(const ConvDesc&, const Epilogue&);

}  // namespace rc
