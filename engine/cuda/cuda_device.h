// A GPU as a device: our kernels and the vendor's plans on one stream, in order; copies overlap with it;
// recordings are CUDA graphs.
#pragma once

#include <atomic>

#include "engine/cuda/arrivals.h"
#include "engine/cuda/feed.h"
#include "engine/cuda/handles.h"
#include "engine/cuda/vendor.h"
#include "engine/device.h"

namespace rc {

class CudaDevice : public Device {
 public:
  using OpenVendor = std::unique_ptr<CudaVendor> (*)(int ordinal, cudaStream_t);

  // Throws Error(device): no such GPU, no kernels of ours for it, a vendor's library missing.
  CudaDevice(int ordinal, OpenVendor);
  ~CudaDevice() override;

  std::string name() const override { return "cuda:" + std::to_string(ordinal_); }
  std::string description() const override;
  Where where() const override { return {Target::cuda, stream_.get()}; }
  bool asynchronous() const override { return true; }
  Memory reserve(size_t bytes) override;
  size_t reserved() const override { return *reserved_; }
  size_t available() const override;
  void upload(void* device, const void* host, size_t bytes) override;
  void feed(std::span<const Transfer>) override;
  void download(void* host, const void* device, size_t bytes) override;
  std::unique_ptr<Arrival> fetch(std::span<const Tensor>) override;
  void fill_zero(void* device, size_t bytes) override;
  void synchronize() override;
  std::unique_ptr<Recording> record(std::function<void()> work) override;
  std::unique_ptr<Stopwatch> stopwatch() override;
  void enter_range(const char* name) override;
  void leave_range() override;
  int64_t activation_block(DType, int64_t channels) const override;
  std::unique_ptr<Plan> plan(const ConvDesc&, Direction, const Policy&) override;
  std::unique_ptr<Plan> plan(const GemmDesc&, const Policy&) override;

 private:
  int ordinal_;
  cudaDeviceProp facts_ = {};
  CudaStream stream_;
  std::unique_ptr<CudaVendor> vendor_;
  std::unique_ptr<InputFeed> feed_;
  ArrivalPool arrivals_;
  std::shared_ptr<std::atomic<size_t>> reserved_ =
      std::make_shared<std::atomic<size_t>>(0);  // outlives the device with its memory
};

}  // namespace rc
