// The parity program runs the tests of kernels on the GPU, and waits for each.
#include <cuda_runtime_api.h>

#include "engine/error.h"
#include "tests/kernels/on_targets.h"

namespace rc {

std::vector<TestedTarget> tested_targets() { return {{"cuda", Target::cuda}}; }

void run_to_the_end(Target target, const std::function<void()>& start) {
  start();
  if (target != Target::cuda) return;
  const cudaError_t status = cudaDeviceSynchronize();
  if (status != cudaSuccess)
    throw Error(Exit::device, std::string("a kernel failed: ") + cudaGetErrorString(status));
}

}  // namespace rc
