// The answers of a build without a CUDA device.
#include "engine/cuda/open.h"
#include "engine/gpu.h"

namespace rc {
namespace {

[[noreturn]] void refuse(const std::string& where) {
  throw Error(Exit::device, "this build has no CUDA device", where,
              "build where the CUDA toolkit and cuDNN are found, or take --device cpu");
}

}  // namespace

bool cuda_in_build() { return false; }
int cuda_devices() { return 0; }
std::string why_no_cuda() { return "this build has no CUDA device"; }
std::unique_ptr<Device> open_cuda(int ordinal) { refuse("--device cuda:" + std::to_string(ordinal)); }
std::unique_ptr<Device> described_gpu(const Gpu& gpu) { refuse(gpu.name); }
std::string real_gpu_json(int ordinal) { refuse("cuda:" + std::to_string(ordinal)); }

}  // namespace rc
