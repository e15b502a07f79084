// The CPU as a device: convolutions and GEMMs by oneDNN, our kernels by OpenMP over blocks. Work is done when
// a call returns.
#pragma once

#include <atomic>

#include "engine/device.h"

namespace rc {

class HostDevice : public Device {
 public:
  // `threads` 0: all cores of this process. `why_no_gpu`: said in the description, where a GPU would have
  // been taken.
  explicit HostDevice(int threads = 0, std::string why_no_gpu = {});

  std::string name() const override { return "cpu"; }
  std::string description() const override;
  Where where() const override { return where_; }
  bool asynchronous() const override { return false; }
  Memory reserve(size_t bytes) override;
  size_t reserved() const override { return *reserved_; }
  size_t available() const override;
  void upload(void* device, const void* host, size_t bytes) override;
  void feed(std::span<const Transfer>) override;
  void download(void* host, const void* device, size_t bytes) override;
  std::unique_ptr<Arrival> fetch(std::span<const Tensor>) override;
  std::unique_ptr<Recording> record(std::function<void()> work) override;
  void fill_zero(void* device, size_t bytes) override;
  void synchronize() override {}
  bool computes(DType) const override;
  int64_t inference_batch(int64_t images) const override;
  int64_t activation_block(DType, int64_t channels) const override;
  std::unique_ptr<Plan> plan(const ConvDesc&, Direction, const Policy&) override;
  std::unique_ptr<Plan> plan(const GemmDesc&, const Policy&) override;
  std::unique_ptr<FusedConvolution> fuse(const ConvDesc&, const Epilogue&, const Policy&) override;

 private:
  Where where_;
  int threads_;
  std::string why_no_gpu_;
  std::shared_ptr<std::atomic<size_t>> reserved_ =
      std::make_shared<std::atomic<size_t>>(0);  // outlives the device with its memory
};

}  // namespace rc
