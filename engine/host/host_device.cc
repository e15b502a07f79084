#include "engine/host/host_device.h"

#include <omp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "engine/host/caches.h"
#include "engine/host/convolution.h"
#include "engine/host/isa.h"
#include "engine/host/onednn.h"

namespace rc {
namespace {

class CopiedValues : public Arrival {
 public:
  explicit CopiedValues(std::vector<char> bytes) : bytes_(std::move(bytes)) {}
  const char* wait() override { return bytes_.data(); }

 private:
  std::vector<char> bytes_;
};

class RecordedWork : public Recording {
 public:
  explicit RecordedWork(std::function<void()> work) : work_(std::move(work)) {}
  void replay() override { work_(); }
  void update() override {}

 private:
  std::function<void()> work_;
};

}  // namespace

HostDevice::HostDevice(int threads, std::string why_no_gpu)
    : where_{.target = host_target(), .cached = bytes_left_to_caches()},
      threads_(std::min(threads > 0 ? threads : omp_get_num_procs(), omp_get_thread_limit())),
      why_no_gpu_(std::move(why_no_gpu)) {
  // oneDNN parts its sums by the threads that it is promised, and loses those of threads that do not come:
  // with OMP_THREAD_LIMIT no more are asked for.
  omp_set_dynamic(0);
  omp_set_num_threads(threads_);
}

std::string HostDevice::description() const {
  return std::string("cpu, ") + (where_.target == Target::avx512 ? "AVX-512" : "AVX2") + " kernels, " +
         onednn_version() + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads") +
         (why_no_gpu_.empty() ? "" : "; no GPU: " + why_no_gpu_);
}

Memory HostDevice::reserve(size_t bytes) {
  if (bytes == 0) return {};
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED)
    throw Error(Exit::memory, "cannot reserve " + std::to_string(bytes >> 20) + " MiB of memory", "cpu",
                "a smaller batch or image size needs less");
  ::madvise(data, bytes, MADV_HUGEPAGE);  // refused by a kernel without them: no matter
  *reserved_ += bytes;
  return Memory(data, bytes, [count = reserved_](void* p, size_t n) {
    ::munmap(p, n);
    *count -= n;
  });
}

// What the machine could free, within what this process may have.
size_t HostDevice::available() const {
  size_t free = size_t(::sysconf(_SC_AVPHYS_PAGES)) * size_t(::sysconf(_SC_PAGE_SIZE));
  std::ifstream machine("/proc/meminfo"), process("/proc/self/statm");
  size_t kibibytes = 0, pages = 0;
  for (std::string word; machine >> word;)
    if (word == "MemAvailable:" && machine >> kibibytes) free = kibibytes << 10;
  struct rlimit limit;
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || !(process >> pages))
    return free;
  const size_t taken = pages * size_t(::sysconf(_SC_PAGE_SIZE));
  return std::min(free, size_t(limit.rlim_cur) > taken ? size_t(limit.rlim_cur) - taken : 0);
}

void HostDevice::upload(void* device, const void* host, size_t bytes) { std::memcpy(device, host, bytes); }
void HostDevice::feed(std::span<const Transfer> inputs) {
  for (const Transfer& t : inputs) upload(t.to, t.from, t.bytes);
}
void HostDevice::download(void* host, const void* device, size_t bytes) { std::memcpy(host, device, bytes); }
std::unique_ptr<Arrival> HostDevice::fetch(std::span<const Tensor> tensors) {
  std::vector<char> bytes;
  for (const Tensor& t : tensors) {
    const size_t at = bytes.size();
    bytes.resize(at + (t.bytes() + kArrivalAlignment - 1) / kArrivalAlignment * kArrivalAlignment);
    std::memcpy(bytes.data() + at, t.data, t.bytes());
  }
  return std::make_unique<CopiedValues>(std::move(bytes));
}
std::unique_ptr<Recording> HostDevice::record(std::function<void()> work) {
  return std::make_unique<RecordedWork>(std::move(work));
}
void HostDevice::fill_zero(void* device, size_t bytes) { std::memset(device, 0, bytes); }

bool HostDevice::computes(DType dtype) const { return dtype != DType::bf16 || onednn_has_bf16(); }

// Four images give a thread enough to do; with more, activations only leave the caches.
int64_t HostDevice::inference_batch(int64_t images) const {
  const int64_t most = 4 * int64_t(threads_), parts = (images + most - 1) / most;
  return (images + parts - 1) / parts;
}

// fp32 by blocks of 16, whole lines of memory; few channels (images) planar, as its first-layer kernels
// want them; else NHWC.
int64_t HostDevice::activation_block(DType dtype, int64_t channels) const {
  if (dtype != DType::f32) return 0;
  if (channels % 16 == 0) return 16;
  return channels <= 4 ? 1 : 0;
}

std::unique_ptr<Plan> HostDevice::plan(const ConvDesc& desc, Direction direction, const Policy& policy) {
  return host_plan(desc, direction, policy);
}
std::unique_ptr<Plan> HostDevice::plan(const GemmDesc& desc, const Policy& policy) {
  return onednn_plan(desc, policy);
}
std::unique_ptr<FusedConvolution> HostDevice::fuse(const ConvDesc& desc, const Epilogue& epilogue,
                                                   const Policy& policy) {
  return host_fused(desc, epilogue, policy);
}

}  // namespace rc
