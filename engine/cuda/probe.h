// Whether this program holds kernels that a GPU can run.
#pragma once

#include <cuda_runtime_api.h>

namespace rc {

// cudaSuccess, or cudaErrorNoKernelImageForDevice and its kin, for the current device.
cudaError_t probe_kernel_image();

}  // namespace rc
