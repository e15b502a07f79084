// 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3): 36 products of channels make 16 results, where the
// sums themselves take 144. Everything between what is read and what is written is fp32, so in bf16 as well
// the results are off by fp32's rounding alone, of which the transforms make two to five times as much. Each
// product is one chain of fma over channels (or, for a filter's gradient, tiles), so the bits depend neither
// on the storage nor on the number of threads.
#pragma once

#include <memory>

#include "engine/device.h"

namespace rc {

// Null where it does not apply or does not pay: other filters, channels that are no multiples of 16, storages
// other than by 16 or side by side, images whose tiles are mostly border, a filter that does not fit the
// workspace, a processor without AVX-512, few tiles in bf16, or bf16 where own_bf16() is not; fused, an
// activation other than ReLU.
std::unique_ptr<Plan> winograd_plan(const ConvDesc&, Direction, const Policy&);
std::unique_ptr<FusedConvolution> winograd_fused(const ConvDesc&, const Epilogue&, const Policy&);

}  // namespace rc
