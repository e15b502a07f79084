#include "tests/emulated/host_vendor.h"

#include <ptxemu.h>

#include <deque>

#include "engine/cuda/handles.h"
#include "engine/host/convolution.h"
#include "engine/host/onednn.h"

namespace rc {
namespace {

class QueuedPlan : public Plan {
 public:
  QueuedPlan(std::unique_ptr<Plan> plan, size_t out_bytes, cudaStream_t stream)
      : plan_(std::move(plan)), out_bytes_(out_bytes), stream_(stream) {}

  std::string engine() const override { return plan_->engine(); }
  size_t workspace() const override { return plan_->workspace(); }

  void run(const void* a, const void* b, void* out, void* workspace) override {
    calls_.push_back({this, a, b, out, workspace});  // a graph calls it again and again
    cuda_check(cudaLaunchHostFunc(stream_, perform, &calls_.back()), "host function");
  }

 private:
  struct Call {
    QueuedPlan* plan;
    const void *a, *b;
    void *out, *workspace;
  };
  static void perform(void* data) {
    const Call& call = *static_cast<const Call*>(data);
    call.plan->plan_->run(call.a, call.b, call.out, call.workspace);
    pe_mark_init(call.out, call.plan->out_bytes_);  // the emulator does not see what the host writes
  }

  std::unique_ptr<Plan> plan_;
  size_t out_bytes_;
  cudaStream_t stream_;
  std::deque<Call> calls_;
};

size_t out_bytes(const ConvDesc& d, Direction direction) {
  switch (direction) {
    case Direction::forward:
      return size_t(d.n * d.p() * d.q() * d.k) * size_of(d.dtype);
    case Direction::data_gradient:
      return size_t(d.n * d.h * d.w * d.c) * size_of(d.dtype);
    case Direction::weight_gradient:
      return size_t(d.k * d.r * d.s * d.c / d.groups) * sizeof(float);
  }
  return 0;
}

class HostVendor : public CudaVendor {
 public:
  explicit HostVendor(cudaStream_t stream) : stream_(stream) {}
  std::string description() const override { return onednn_version(); }
  std::unique_ptr<Plan> plan(const ConvDesc& d, Direction direction, const Policy& policy) override {
    return std::make_unique<QueuedPlan>(host_plan(d, direction, policy), out_bytes(d, direction), stream_);
  }
  std::unique_ptr<Plan> plan(const GemmDesc& d, const Policy& policy) override {
    return std::make_unique<QueuedPlan>(onednn_plan(d, policy), size_t(d.m * d.n) * sizeof(float), stream_);
  }

 private:
  cudaStream_t stream_;
};

}  // namespace

std::unique_ptr<CudaVendor> open_host_vendor(int, cudaStream_t stream) {
  return std::make_unique<HostVendor>(stream);
}

}  // namespace rc
