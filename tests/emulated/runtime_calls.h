// Watches the program's calls of the CUDA runtime, and can make some of them wrong on purpose.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rc {

struct RuntimeCalls {
  // Counted since the last clear().
  int allocations = 0, frees = 0;  // of device and pinned memory
  int waits = 0;                   // for a stream or the device
  int event_waits = 0;             // of the host for an event
  int graph_launches = 0;
  size_t graph_nodes = 0;  // of the graph that was captured last
  // What was queued, in order: kernels by their handle and grid, copies and fills by kind and size, host
  // functions. While a stream is captured this is what goes into the graph.
  std::vector<std::string> queued;
  void clear();

  // Planted faults.
  bool drop_stream_waits = false;  // cudaStreamWaitEvent does nothing
  bool free_at_once = false;       // cudaFree does not wait for queued work

  // Another machine: what cudaGetDeviceCount and the look for a kernel's code answer instead, and the
  // driver's version. cudaSuccess: as it is.
  cudaError_t count_status = cudaSuccess, code_status = cudaSuccess;
  int driver = -1;  // -1: as it is; 0: none
};
RuntimeCalls& runtime_calls();

}  // namespace rc
