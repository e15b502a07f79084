#include "engine/cuda/arrivals.h"

#include <algorithm>

namespace rc {

class ArrivalPool::OnItsWay : public Arrival {
 public:
  OnItsWay(Landing landing, std::shared_ptr<std::vector<Landing>> pool)
      : landing_(std::move(landing)), pool_(std::move(pool)) {}
  ~OnItsWay() override {
    cudaEventSynchronize(landing_.filled.get());  // the copy may still be writing; an error shows elsewhere
    pool_->push_back(std::move(landing_));
  }
  const char* wait() override {
    cuda_check(cudaEventSynchronize(landing_.filled.get()), "queued work");
    return landing_.memory.get();
  }

 private:
  Landing landing_;
  std::shared_ptr<std::vector<Landing>> pool_;
};

std::unique_ptr<Arrival> ArrivalPool::fetch(std::span<const Tensor> tensors, cudaStream_t stream) {
  const auto rounded = [](const Tensor& t) {
    return (t.bytes() + kArrivalAlignment - 1) / kArrivalAlignment * kArrivalAlignment;
  };
  size_t bytes = 0;
  for (const Tensor& t : tensors) bytes += rounded(t);

  Landing landing;
  const auto free = std::ranges::find_if(*landings_, [&](const Landing& l) { return l.bytes >= bytes; });
  if (free != landings_->end()) {
    landing = std::move(*free);
    landings_->erase(free);
  } else {
    landing = {bytes, new_pinned(bytes), new_event()};
  }

  size_t at = 0;
  for (const Tensor& t : tensors) {
    cuda_check(cudaMemcpyAsync(landing.memory.get() + at, t.data, t.bytes(), cudaMemcpyDeviceToHost, stream),
               "fetch");
    at += rounded(t);
  }
  cuda_check(cudaEventRecord(landing.filled.get(), stream), "fetch");
  return std::make_unique<OnItsWay>(std::move(landing), landings_);
}

}  // namespace rc
