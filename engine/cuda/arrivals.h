// Values on their way from the GPU: copied to pinned memory in the order of the queue, waited for later. The
// memory of those that were read is used again.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/cuda/handles.h"
#include "engine/device.h"

namespace rc {

class ArrivalPool {
 public:
  ArrivalPool() : landings_(std::make_shared<std::vector<Landing>>()) {}

  // Queues the copies on `stream`. Allocates where no landing is free that is large enough: in the first
  // steps.
  std::unique_ptr<Arrival> fetch(std::span<const Tensor>, cudaStream_t stream);

 private:
  // Memory for one arrival, and when it is filled.
  struct Landing {
    size_t bytes = 0;
    PinnedMemory memory;
    CudaEvent filled;
  };
  class OnItsWay;

  std::shared_ptr<std::vector<Landing>> landings_;  // free ones; outlives the device with its arrivals
};

}  // namespace rc
