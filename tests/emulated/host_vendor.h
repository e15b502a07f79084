// Convolutions and GEMMs of the emulated CUDA device, answered by the CPU device from the same descriptors:
// queued on the stream as host functions, so that order, capture and replay are the real ones.
#pragma once

#include "engine/cuda/vendor.h"

namespace rc {

std::unique_ptr<CudaVendor> open_host_vendor(int ordinal, cudaStream_t);

}  // namespace rc
