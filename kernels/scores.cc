#include "kernels/scores.h"

#include "engine/block.h"

namespace rc {

template <class Block>
RC_HD void RealDistance::operator()(Block block) const {
  const int64_t i = block.index();
  const int64_t first = view_rows > 0 ? i / view_rows : 0, last = view_rows > 0 ? first + 1 : centres;
  int64_t nearest = first;
  float cosine = 0;
  for (int64_t k = first; k < last; ++k) {
    float dot = 0;
    for (int64_t d = block.lane(); d < dim; d += block.lanes()) dot += z[i * dim + d] * centre[k * dim + d];
    dot = block.sum(dot);
    if (k == first || dot > cosine) cosine = dot, nearest = k;
  }
  if (block.lane() == 0) {
    distance[i] = 1 - cosine;
    if (centre_of) centre_of[i] = int32_t(nearest);
  }
}

template void enter<Target::RC_TARGET>(const RealDistance&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   RealDistance  40  128

}  // namespace rc
