// How a step's inputs reach the GPU: gathered in pinned memory, copied over the bus on a stream of their own
// while the step before still runs, then put in their places. Two buffers take turns.
#pragma once

#include <span>

#include "engine/cuda/handles.h"
#include "engine/device.h"

namespace rc {

class InputFeed {
 public:
  InputFeed() : copy_(new_stream()) {}

  // Queues on `compute`, after what is there. Waits only where the buffer's copy of two calls ago is still on
  // the bus. Allocates when an input is larger than any before: in the first steps.
  void put(std::span<const Transfer>, cudaStream_t compute);

 private:
  struct Buffer {
    size_t bytes = 0;
    PinnedMemory host;
    CudaMemory device;
    CudaEvent copied, taken;  // host to device; from the buffer to the inputs' places
  };

  Buffer buffers_[2];
  int next_ = 0;
  CudaStream copy_;
};

}  // namespace rc
