#include "engine/host/host_device.h"

#include <omp.h>
#include <sys/mman.h>

#include <cstring>

#include "engine/host/isa.h"
#include "engine/host/onednn.h"

namespace rc {

HostDevice::HostDevice(int threads)
    : where_{host_target()}, threads_(threads > 0 ? threads : omp_get_num_procs()) {
  omp_set_dynamic(0);
  omp_set_num_threads(threads_);
}

std::string HostDevice::description() const {
  return std::string("cpu, ") + (where_.target == Target::avx512 ? "AVX-512" : "AVX2") + " kernels, " +
         onednn_version() + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
}

Memory HostDevice::reserve(size_t bytes) {
  if (bytes == 0) return {};
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED)
    throw Error(Exit::memory, "cannot reserve " + std::to_string(bytes >> 20) + " MiB of memory", "cpu",
                "a smaller batch or image size needs less");
  *reserved_ += bytes;
  return Memory(data, bytes, [count = reserved_](void* p, size_t n) {
    ::munmap(p, n);
    *count -= n;
  });
}

void HostDevice::upload(void* device, const void* host, size_t bytes) { std::memcpy(device, host, bytes); }
void HostDevice::download(void* host, const void* device, size_t bytes) { std::memcpy(host, device, bytes); }
void HostDevice::fill_zero(void* device, size_t bytes) { std::memset(device, 0, bytes); }

// fp32 by blocks of 16, where oneDNN has Winograd; few channels (images) planar, as its first-layer kernels
// want them; else NHWC.
int64_t HostDevice::activation_block(DType dtype, int64_t channels) const {
  if (dtype != DType::f32) return 0;
  if (channels % 16 == 0) return 16;
  return channels <= 4 ? 1 : 0;
}

std::unique_ptr<Plan> HostDevice::plan(const ConvDesc& desc, Direction direction, const Policy& policy) {
  return onednn_plan(desc, direction, policy);
}
std::unique_ptr<Plan> HostDevice::plan(const GemmDesc& desc, const Policy& policy) {
  return onednn_plan(desc, policy);
}

}  // namespace rc
