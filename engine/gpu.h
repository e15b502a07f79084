// What a GPU is, as facts: enough for cuDNN to plan for it on a machine without it, and for a roofline.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/device.h"

namespace rc {

struct Gpu {
  std::string name;    // "NVIDIA H100 80GB HBM3"
  int capability = 0;  // 90 for compute capability 9.0
  int multiprocessors = 0;
  double memory_bytes = 0;              // of the whole device
  double memory_bandwidth = 0;          // bytes a second, peak
  double fp32 = 0, tf32 = 0, bf16 = 0;  // dense FLOP/s, peak; tf32 and bf16 on tensor cores
  std::string cudnn_json;  // cuDNN's description of it (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION)
};

std::vector<std::string> known_gpus();   // "a100", "b200", "h100", "rtx4090"
Gpu known_gpu(const std::string& name);  // throws Error(usage), with the nearest name
// A file as real_gpu_json writes it. A GPU that is not known has peaks by its capability, multiprocessors and
// clock, and a bandwidth by its memory's clock and "memoryBusWidth" (bits). Throws Error(data).
Gpu gpu_of_json(const std::string& json, const std::string& where);

// A device that is not there: it plans for that GPU and cannot run. Throws Error(device) where cuDNN is
// missing or this build has no CUDA device.
std::unique_ptr<Device> described_gpu(const Gpu&);

// cuDNN's own description of GPU `ordinal` of this machine, as JSON, with the width of its memory bus. Throws
// Error(device).
std::string real_gpu_json(int ordinal);

// The second half of that: adds "memoryBusWidth".
std::string with_bus_width(const std::string& cudnn_json, int bits);

}  // namespace rc
