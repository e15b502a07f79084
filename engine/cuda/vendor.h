// Who answers convolutions and GEMMs on the CUDA device: cuDNN and cuBLASLt. A seam, so that a machine with
// no GPU can run everything else of the device with these two answered by the CPU from the same descriptors.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string>

#include "engine/device.h"

namespace rc {

class CudaVendor {
 public:
  virtual ~CudaVendor() = default;
  virtual std::string description() const = 0;  // "cuDNN 9.19.0, cuBLASLt 13.0.2"
  // The plans queue their work on the stream that the vendor was opened with. Throw Error(device) where no
  // implementation fits the policy.
  virtual std::unique_ptr<Plan> plan(const ConvDesc&, Direction, const Policy&) = 0;
  virtual std::unique_ptr<Plan> plan(const GemmDesc&, const Policy&) = 0;
};

// cuDNN and cuBLASLt, opened now; throws Error(device) that names the library that is missing.
std::unique_ptr<CudaVendor> open_vendor(int ordinal, cudaStream_t);
std::string vendor_description();  // of the two

}  // namespace rc
