// The queue of fakes: embeddings of earlier steps, detached, as further candidates of hard negatives
// (reconstruction; MoCo's dictionary, He et al., CVPR 2020).
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

enum QueueState : int {
  kQueueNext,   // the place that is written next
  kQueueCount,  // how many places are filled: the first so many
  kQueueStates
};

// Puts a batch's fakes into the queue in the order of rows, over the oldest ones once it is full. Of more
// fakes than it has places the last ones stay. One block, columns over lanes. Moves at most 2 rows * dim
// elements.
struct PushQueue {
  const float* z;        // [rows, dim] unit rows
  const int32_t* label;  // [rows] 0 real, 1 fake
  float* fake;           // [capacity, dim] in place
  int32_t* state;        // [kQueueStates] in place
  int64_t rows, dim, capacity;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = capacity > 0 ? 1 : 0}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
