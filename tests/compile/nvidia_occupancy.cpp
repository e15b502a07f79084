// Occupancy by NVIDIA's own calculator, for comparison with tools/build/occupancy.awk. Per line of input
// "architecture lanes registers shared" it prints the percentage of a multiprocessor's threads.
#include <cuda_occupancy.h>

#include <cstdio>
#include <map>

namespace {

// From the table of compute capabilities in the CUDA programming guide.
const std::map<int, int> kThreads = {{80, 2048}, {86, 1536},  {89, 1536},
                                     {90, 2048}, {100, 2048}, {120, 1536}};
const std::map<int, int> kSharedKiB = {{80, 164}, {86, 100}, {89, 100}, {90, 228}, {100, 228}, {120, 100}};

int percent(int arch, int lanes, int registers, size_t shared) {
  cudaOccDeviceProp gpu;
  gpu.computeMajor = arch / 10;
  gpu.computeMinor = arch % 10;
  gpu.maxThreadsPerBlock = 1024;
  gpu.maxThreadsPerMultiprocessor = kThreads.at(arch);
  gpu.regsPerBlock = gpu.regsPerMultiprocessor = 65536;
  gpu.warpSize = 32;
  gpu.sharedMemPerBlock = 48 << 10;
  gpu.sharedMemPerMultiprocessor = size_t(kSharedKiB.at(arch)) << 10;
  gpu.numSms = 1;
  gpu.reservedSharedMemPerBlock = 1 << 10;
  gpu.sharedMemPerBlockOptin = gpu.sharedMemPerMultiprocessor - gpu.reservedSharedMemPerBlock;

  cudaOccFuncAttributes kernel;
  kernel.maxThreadsPerBlock = 1024;
  kernel.numRegs = registers;
  kernel.sharedSizeBytes = 0;
  kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
  kernel.maxDynamicSharedSizeBytes = gpu.sharedMemPerBlockOptin;
  kernel.numBlockBarriers = 1;

  cudaOccDeviceState state;
  state.carveoutConfig = SHAREDMEM_CARVEOUT_MAX_SHARED;
  cudaOccResult result;
  if (cudaOccMaxActiveBlocksPerMultiprocessor(&result, &gpu, &kernel, &state, lanes, shared) !=
      CUDA_OCC_SUCCESS)
    return -1;
  return int(100.0 * result.activeBlocksPerMultiprocessor * lanes / gpu.maxThreadsPerMultiprocessor + 0.5);
}

}  // namespace

int main() {
  int arch, lanes, registers;
  size_t shared;
  while (std::scanf("%d %d %d %zu", &arch, &lanes, &registers, &shared) == 4)
    std::printf("%d\n", percent(arch, lanes, registers, shared));
}
