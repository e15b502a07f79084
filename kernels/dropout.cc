#include "kernels/dropout.h"

#include "engine/block.h"
#include "engine/rng.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void Dropout::operator()(Block block) const {
  const float factor = 1 / (1 - rate);
  const int64_t first = block.index() * kStreams, last = min(first + kStreams, (n + 3) / 4);
  for (int64_t stream = first + block.lane(); stream < last; stream += block.lanes()) {
    Rng rng(seed, Purpose::dropout, *step, uint32_t(stream));
    for (int64_t i = 4 * stream; i < min(4 * stream + 4, n); ++i) {
      const float value = x != nullptr ? x[i] : 1;
      out[i] = rng.uniform() < rate ? 0 : value * factor;
    }
  }
}

template void enter<Target::RC_TARGET>(const Dropout&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   Dropout  40  0

}  // namespace rc
