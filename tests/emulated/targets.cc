// The emulated test program runs kernels as nvcc compiled them, and waits for each.
#include <cuda_runtime_api.h>
#include <doctest/doctest.h>
#include <ptxemu.h>

#include "engine/error.h"
#include "tests/kernels/on_targets.h"

namespace rc {

std::vector<TestedTarget> tested_targets() { return {{"cuda, emulated", Target::cuda}}; }

// What stops a kernel (an access out of bounds or misaligned, lanes that wait for ever) is thrown, what the
// checkers saw (a race, a value that nobody wrote) fails the case; the emulator has said on stderr what it
// was.
void run_to_the_end(Target target, const std::function<void()>& start) {
  if (target != Target::cuda) return start();
  try {
    start();
    const cudaError_t status = cudaDeviceSynchronize();
    if (status != cudaSuccess)
      throw Error(Exit::device, std::string("a kernel failed: ") + cudaGetErrorName(status));
  } catch (const Error&) {
    cudaDeviceReset();  // the next case finds a device in order
    throw;
  }
  static uint64_t known = 0;
  uint64_t reports = 0;
  pe_stats(nullptr, nullptr, nullptr, &reports);
  if (reports != known) FAIL_CHECK("the emulator's checkers reported " << reports - known << " accesses");
  known = reports;
}

}  // namespace rc
