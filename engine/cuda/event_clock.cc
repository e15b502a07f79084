#include "engine/cuda/event_clock.h"

#include <utility>

namespace rc {
namespace {

CudaEvent new_timed_event() {
  cudaEvent_t event = nullptr;
  cuda_check(cudaEventCreateWithFlags(&event, cudaEventDefault), "new event");
  return CudaEvent(event);
}

}  // namespace

EventClock::EventClock(cudaStream_t stream) : stream_(stream) {
  events_.push_back(new_timed_event());
  cuda_check(cudaEventRecord(events_[0].get(), stream_), "stopwatch");
  cuda_check(cudaEventSynchronize(events_[0].get()), "queued work");
}

void EventClock::mark() {
  if (++marks_ == events_.size()) events_.push_back(new_timed_event());
  cuda_check(cudaEventRecord(events_[marks_].get(), stream_), "stopwatch");
}

std::vector<double> EventClock::read() {
  if (marks_ == 0) return {};
  cuda_check(cudaEventSynchronize(events_[marks_].get()), "queued work");
  std::vector<double> seconds;
  for (size_t i = 1; i <= marks_; ++i) {
    float milliseconds = 0;
    cuda_check(cudaEventElapsedTime(&milliseconds, events_[i - 1].get(), events_[i].get()), "stopwatch");
    seconds.push_back(seconds_ += double(milliseconds) * 1e-3);
  }
  std::swap(events_[0], events_[marks_]);
  marks_ = 0;
  return seconds;
}

}  // namespace rc
