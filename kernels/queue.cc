#include "kernels/queue.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void PushQueue::operator()(Block block) const {
  int64_t next = state[kQueueNext], count = state[kQueueCount];
  for (int64_t n = 0; n < rows; ++n) {
    if (label[n] == 0) continue;
    for (int64_t d = block.lane(); d < dim; d += block.lanes()) fake[next * dim + d] = z[n * dim + d];
    next = (next + 1) % capacity;
    count = min(count + 1, capacity);
  }
  block.sync();  // everyone has read the old state
  if (block.lane() != 0) return;
  state[kQueueNext] = int32_t(next);
  state[kQueueCount] = int32_t(count);
}

template void enter<Target::RC_TARGET>(const PushQueue&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   PushQueue  40  0

}  // namespace rc
