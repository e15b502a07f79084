// Which of cuDNN's engines computes a convolution: the first of its heuristics' answers that the policy
// allows and that builds.
#pragma once

#include <optional>
#include <string>

#include "engine/cuda/cudnn_convolution.h"
#include "engine/cuda/engine_choice.h"
#include "engine/device.h"

namespace rc {

// A plan that cuDNN can execute, with what it hangs on.
struct BuiltEngine {
  EngineChoice choice;
  CudnnDescriptor config, plan;
  size_t workspace = 0;
  std::string notes;  // "tensor cores, Winograd"
  bool tensor_cores = false;
};

// Throws Error(device) that counts what was refused and why.
BuiltEngine first_engine(const ConvGraph&, const CudnnDescriptor& device, DType operands, const Policy&,
                         const std::string& where);

// That engine, or nothing where the policy forbids it or cuDNN does not build it.
std::optional<BuiltEngine> build_engine(const ConvGraph&, const CudnnDescriptor& device, DType operands,
                                        const Policy&, const EngineChoice&);

}  // namespace rc
