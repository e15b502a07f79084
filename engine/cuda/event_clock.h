// When a stream reached its marks, by events of the GPU's own clock. Events are used again after a read.
#pragma once

#include <vector>

#include "engine/cuda/handles.h"
#include "engine/device.h"

namespace rc {

class EventClock : public Stopwatch {
 public:
  explicit EventClock(cudaStream_t);  // waits for what is queued: time 0 is now

  void mark() override;
  // From one event to the next, added up: a float of milliseconds holds no long time to the microsecond.
  std::vector<double> read() override;

 private:
  cudaStream_t stream_;
  std::vector<CudaEvent> events_;  // the first is the last point that was read
  size_t marks_ = 0;               // recorded since; they follow the first
  double seconds_ = 0;             // of the first
};

}  // namespace rc
