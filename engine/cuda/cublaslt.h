// GEMM plans by cuBLASLt.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string>

#include "engine/device.h"

struct cublasLtContext;

namespace rc {

std::string cublaslt_version();  // "13.0.2"; throws Error(device) where the library is missing

// What a GEMM may take at most, within the policy's limit: what NVIDIA recommends for Hopper and newer.
inline constexpr size_t kGemmWorkspace = size_t(32) << 20;

using CublasLtHandle = std::shared_ptr<cublasLtContext>;
CublasLtHandle new_cublaslt_handle();  // on the current device

// The first algorithm of cuBLASLt's heuristic. It asks a device: without a handle the plan says "cublasLt",
// takes the workspace that a real one may take at most, and cannot run; its matrices are described to
// cuBLASLt all the same. Throws Error(device) where there is no algorithm.
std::unique_ptr<Plan> cublaslt_plan(const GemmDesc&, const Policy&, CublasLtHandle, cudaStream_t);

}  // namespace rc
