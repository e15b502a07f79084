#include "engine/cuda/cuda_device.h"

#include <nvtx3/nvToolsExt.h>

#include "engine/cuda/event_clock.h"
#include "engine/cuda/open.h"
#include "engine/cuda/probe.h"
#include "engine/cuda/recorded_graph.h"

namespace rc {
namespace {

std::string mebibytes(size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

// CUDA's numbers for versions: 13000 is 13.0.
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

bool cuda_in_build() { return true; }

int cuda_devices() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

std::string why_no_cuda() {
  int count = 0, driver = 0, runtime = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  cudaGetLastError();
  if (status == cudaSuccess && count > 0) return {};
  if (status == cudaSuccess || status == cudaErrorNoDevice) return "the NVIDIA driver sees no GPU";
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  if (driver == 0) return "no NVIDIA driver on this machine";
  if (status == cudaErrorInsufficientDriver)
    return "the NVIDIA driver is too old: it knows CUDA " + version_text(driver) + ", this program needs " +
           version_text(runtime);
  return std::string("CUDA: ") + cudaGetErrorString(status);
}

std::unique_ptr<Device> open_cuda(int ordinal) { return std::make_unique<CudaDevice>(ordinal, open_vendor); }

CudaDevice::CudaDevice(int ordinal, OpenVendor open_vendor) : ordinal_(ordinal) {
  const std::string hint = "--device cpu, or auto for the best that this machine has";
  if (const std::string why = why_no_cuda(); !why.empty())
    throw Error(Exit::device, why, "--device " + name(), hint);
  if (const int count = cuda_devices(); ordinal >= count)
    throw Error(Exit::device,
                "there is no GPU " + std::to_string(ordinal) + "; the driver sees " + std::to_string(count),
                "--device " + name(), hint);
  cuda_check(cudaSetDevice(ordinal), name());
  cuda_check(cudaGetDeviceProperties(&facts_, ordinal), name());
  if (probe_kernel_image() != cudaSuccess) {
    cudaGetLastError();
    const std::string arch = std::to_string(facts_.major) + std::to_string(facts_.minor);
    throw Error(Exit::device,
                "this program has no code for " + std::string(facts_.name) + " (sm_" + arch + ")",
                "--device " + name(), "build it with CUDA_ARCHS=" + arch + ", or take --device cpu");
  }
  stream_ = new_stream();
  vendor_ = open_vendor(ordinal, stream_.get());
  feed_ = std::make_unique<InputFeed>();
}

CudaDevice::~CudaDevice() {
  if (stream_) cudaStreamSynchronize(stream_.get());  // its status was the business of whoever waited
}

std::string CudaDevice::description() const {
  return name() + ", " + facts_.name + " (sm_" + std::to_string(facts_.major) + std::to_string(facts_.minor) +
         ", " + mebibytes(facts_.totalGlobalMem) + "), " + vendor_->description();
}

size_t CudaDevice::available() const {
  size_t free = 0, total = 0;
  cuda_check(cudaMemGetInfo(&free, &total), name());
  return free;
}

Memory CudaDevice::reserve(size_t bytes) {
  if (bytes == 0) return {};
  void* data = nullptr;
  if (cudaMalloc(&data, bytes) != cudaSuccess) {
    cudaGetLastError();
    throw Error(Exit::memory,
                "cannot reserve " + mebibytes(bytes) + " of GPU memory; " + mebibytes(available()) + " of " +
                    mebibytes(facts_.totalGlobalMem) + " are free",
                name(), "a smaller batch or image size needs less");
  }
  *reserved_ += bytes;
  Memory memory(data, bytes, [count = reserved_](void* p, size_t n) {
    cudaFree(p);  // waits for all work of the device
    *count -= n;
  });
  fill_zero(data, bytes);
  return memory;
}

void CudaDevice::upload(void* device, const void* host, size_t bytes) {
  cuda_check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_.get()), "upload");
}
void CudaDevice::feed(std::span<const Transfer> inputs) { feed_->put(inputs, stream_.get()); }
void CudaDevice::download(void* host, const void* device, size_t bytes) {
  cuda_check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_.get()), "download");
  synchronize();
}
std::unique_ptr<Arrival> CudaDevice::fetch(std::span<const Tensor> tensors) {
  return arrivals_.fetch(tensors, stream_.get());
}
void CudaDevice::fill_zero(void* device, size_t bytes) {
  cuda_check(cudaMemsetAsync(device, 0, bytes, stream_.get()), "fill with zeros");
}
void CudaDevice::synchronize() { cuda_check(cudaStreamSynchronize(stream_.get()), "queued work"); }

std::unique_ptr<Recording> CudaDevice::record(std::function<void()> work) {
  return std::make_unique<RecordedGraph>(stream_.get(), std::move(work));
}

std::unique_ptr<Stopwatch> CudaDevice::stopwatch() { return std::make_unique<EventClock>(stream_.get()); }

void CudaDevice::enter_range(const char* name) { nvtxRangePushA(name); }
void CudaDevice::leave_range() { nvtxRangePop(); }

// NHWC: what cuDNN's tensor-core kernels want.
int64_t CudaDevice::activation_block(DType, int64_t) const { return 0; }

std::unique_ptr<Plan> CudaDevice::plan(const ConvDesc& desc, Direction direction, const Policy& policy) {
  return vendor_->plan(desc, direction, policy);
}
std::unique_ptr<Plan> CudaDevice::plan(const GemmDesc& desc, const Policy& policy) {
  return vendor_->plan(desc, policy);
}

}  // namespace rc
