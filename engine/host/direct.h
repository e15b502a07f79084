// Convolutions in fp32 as our own product over pixels, forward and back to the data: of 1x1 filters, and of
// larger ones that stride. oneDNN leaves a quarter of the processor idle there; without a stride there is
// Winograd (winograd.h). In bf16 those with 1x1 filters, forward: of an inference, where behind oneDNN's sums
// what follows takes up to half of the time, and of a training step where channels are many enough to hide
// what the moments cost. Each result is one chain of fma over channels (of each 16, tap by tap; in
// bf16 over pairs), so its bits depend neither on the storage nor on the number of threads.
#pragma once

#include <memory>

#include "engine/device.h"

namespace rc {

// Null where it does not apply: other types, directions, sizes or storages, a processor without AVX-512, a
// filter that does not fit the workspace, a sigmoid.
std::unique_ptr<Plan> direct_plan(const ConvDesc&, Direction, const Policy&);
std::unique_ptr<FusedConvolution> direct_fused(const ConvDesc&, const Epilogue&);

}  // namespace rc
