#include "engine/cuda/feed.h"

#include <cstring>

namespace rc {
namespace {

constexpr size_t kAlignment = 256;

size_t rounded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

void InputFeed::put(std::span<const Transfer> inputs, cudaStream_t compute) {
  size_t bytes = 0;
  for (const Transfer& t : inputs) bytes += rounded(t.bytes);
  Buffer& buffer = buffers_[next_];
  next_ = 1 - next_;

  if (buffer.bytes < bytes) {
    if (!buffer.copied) buffer.copied = new_event(), buffer.taken = new_event();
    cuda_check(cudaEventSynchronize(buffer.taken.get()), "feed");
    void* device = nullptr;
    buffer.device.reset();
    cuda_check(cudaMalloc(&device, bytes), "feed");
    buffer.device.reset(static_cast<char*>(device));
    buffer.host = new_pinned(bytes);
    buffer.bytes = bytes;
  }

  cuda_check(cudaEventSynchronize(buffer.copied.get()), "feed");  // the host's side is free
  size_t at = 0;
  for (const Transfer& t : inputs) {
    std::memcpy(buffer.host.get() + at, t.from, t.bytes);
    at += rounded(t.bytes);
  }
  cuda_check(cudaStreamWaitEvent(copy_.get(), buffer.taken.get()), "feed");  // and the device's
  cuda_check(
      cudaMemcpyAsync(buffer.device.get(), buffer.host.get(), bytes, cudaMemcpyHostToDevice, copy_.get()),
      "feed");
  cuda_check(cudaEventRecord(buffer.copied.get(), copy_.get()), "feed");

  cuda_check(cudaStreamWaitEvent(compute, buffer.copied.get()), "feed");
  at = 0;
  for (const Transfer& t : inputs) {
    cuda_check(cudaMemcpyAsync(t.to, buffer.device.get() + at, t.bytes, cudaMemcpyDeviceToDevice, compute),
               "feed");
    at += rounded(t.bytes);
  }
  cuda_check(cudaEventRecord(buffer.taken.get(), compute), "feed");
}

}  // namespace rc
