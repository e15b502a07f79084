// Which implementation of a convolution the CPU takes: ours where it is ahead, else oneDNN's.
#pragma once

#include <memory>

#include "engine/device.h"

namespace rc {

// Whether our own products are ahead in bf16: with AVX512_BF16, but not with AMX, which oneDNN has.
bool own_bf16();

std::unique_ptr<Plan> host_plan(const ConvDesc&, Direction, const Policy&);
std::unique_ptr<FusedConvolution> host_fused(const ConvDesc&, const Epilogue&, const Policy&);

}  // namespace rc
