#include "engine/cuda/vendor.h"

#include "engine/gpu.h"

namespace rc {

std::unique_ptr<CudaVendor> open_vendor(int ordinal, cudaStream_t) {
  throw Error(Exit::device, "cuDNN was not found", "cuda:" + std::to_string(ordinal));
}
std::unique_ptr<Device> described_gpu(const Gpu& gpu) {
  throw Error(Exit::device, "cuDNN was not found", gpu.name);
}
std::string real_gpu_json(int ordinal) {
  throw Error(Exit::device, "cuDNN was not found", "cuda:" + std::to_string(ordinal));
}

}  // namespace rc
