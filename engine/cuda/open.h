// The CUDA device of this build, or none: absent.cc answers where the CUDA toolkit and cuDNN were not found.
#pragma once

#include <memory>
#include <string>

#include "engine/device.h"

namespace rc {

bool cuda_in_build();
int cuda_devices();  // GPUs that the driver sees; 0 without a driver

// Why there is none: no driver, a driver too old, no GPU. Empty if there is one.
std::string why_no_cuda();

std::unique_ptr<Device> open_cuda(int ordinal);  // throws Error(device)

}  // namespace rc
