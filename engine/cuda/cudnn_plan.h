// Convolution plans by cuDNN for one GPU, real or described.
#pragma once

#include <memory>
#include <string>

#include "engine/cuda/cudnn_engines.h"
#include "engine/cuda/plan_cache.h"
#include "engine/device.h"

namespace rc {

// cuDNN's execution context: needed to run, not to plan.
using CudnnHandle = std::shared_ptr<cudnnContext>;
CudnnHandle new_cudnn_handle(cudaStream_t);  // on the current device

// A GPU as cuDNN describes it: of a description in JSON, and of one that is there.
CudnnDescriptor cudnn_device(const std::string& json, const std::string& where);
CudnnDescriptor cudnn_device(int ordinal);

class CudnnPlanner {
 public:
  // Without a handle the plans cannot run.
  explicit CudnnPlanner(CudnnDescriptor device, CudnnHandle handle = {});

  // Throws Error(device) where no engine fits the policy.
  std::unique_ptr<Plan> plan(const ConvDesc&, Direction, const Policy&) const;

 private:
  CudnnDescriptor device_;
  CudnnHandle handle_;
  PlanCache cache_;
  std::string cache_key_;  // of cuDNN and the device
};

}  // namespace rc
