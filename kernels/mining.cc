#include "kernels/mining.h"

#include "engine/block.h"
#include "kernels/selection.h"

namespace rc {

template <class Block>
RC_HD void FakeDistance::operator()(Block block) const {
  int fakes = 0;
  float sum = 0;
  for (int64_t i = block.lane(); i < rows; i += block.lanes()) {
    if (label[i] == 0) continue;
    ++fakes;
    sum += distance[i];
  }
  fakes = block.sum(fakes);
  sum = block.sum(sum);
  if (block.lane() == 0) *mean = fakes > 0 ? sum / float(fakes) : kNoFake;
}

template <class Block>
RC_HD void MineRows::operator()(Block block) const {
  const int64_t waiting = queued ? *queued : 0;
  int members = 0;
  for (int64_t i = block.lane(); i < rows; i += block.lanes()) members += label[i] == of;
  const int64_t count = marginal_count(share, block.sum(members) + waiting);

  const float sign = farthest ? 1.0f : -1.0f;
  pick_best(block, rows + waiting, count, capacity, picked, [&](int64_t i) {
    if (i >= rows) return sign * queue_distance[i - rows];
    return label[i] == of ? sign * distance[i] : kNoScore;
  });
}

template <class Block>
RC_HD void MineNeighbours::operator()(Block block) const {
  const int64_t row = block.index();
  const bool fake = label[row] != 0;
  const int64_t waiting = queued && !fake ? *queued : 0, count = fake && !for_fakes ? 0 : capacity;
  pick_best(block, rows + waiting, count, capacity, picked + row * capacity, [&](int64_t i) {
    if (i >= rows) return queue_similarity[row * queue + i - rows];
    return (label[i] != 0) != fake ? similarity[row * rows + i] : kNoScore;
  });
}

template void enter<Target::RC_TARGET>(const FakeDistance&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MineRows&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MineNeighbours&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   FakeDistance    48  256
//   MineRows        40  384
//   MineNeighbours  40  256

}  // namespace rc
