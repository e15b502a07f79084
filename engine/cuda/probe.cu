#include "engine/cuda/probe.h"

namespace rc {

static __global__ void rc_probe() {}

cudaError_t probe_kernel_image() {
  cudaFuncAttributes facts;
  return cudaFuncGetAttributes(&facts, rc_probe);
}

}  // namespace rc
