#include "kernels/scores.h"

#include "engine/block.h"

namespace rc {

template <class Block>
RC_HD void RealDistance::operator()(Block block) const {
  const int64_t row = block.index() * dim;
  float dot = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) dot += z[row + d] * centre[d];
  dot = block.sum(dot);
  if (block.lane() == 0) distance[block.index()] = 1 - dot;
}

template void enter<Target::RC_TARGET>(const RealDistance&, const Grid&, void*);

}  // namespace rc
