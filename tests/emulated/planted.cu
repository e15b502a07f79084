#include "tests/emulated/planted.h"

#include "engine/block.h"

namespace rc {

template <class Block>
RC_HD void MissingBarrier::operator()(Block block) const {
  float* held = block.template shared<float>(n);
  for (int64_t i = block.lane(); i < n; i += block.lanes()) held[i] = x[i];
  for (int64_t i = block.lane(); i < n; i += block.lanes()) y[i] = held[n - 1 - i];
}

template <class Block>
RC_HD void DivergentBarrier::operator()(Block block) const {
  if (block.lane() < block.lanes() / 2) {
    y[block.lane()] = 1;
    block.sync();
  } else {
    block.sync();
    y[block.lane()] = 2;
  }
}

template <class Block>
RC_HD void TailByOne::operator()(Block block) const {
  for (int64_t i = block.lane(); i <= n; i += block.lanes()) y[i] = x[i];
}

template <class Block>
RC_HD void UnwrittenShared::operator()(Block block) const {
  const float* held = block.template shared<float>(n);
  for (int64_t i = block.lane(); i < n; i += block.lanes()) y[i] = held[i];
}

template <class Block>
RC_HD void MisalignedLoad::operator()(Block block) const {
  for (int64_t i = block.lane() * 4; i < n; i += block.lanes() * 4) store(y + i, load<float, 4>(x + i));
}

template <class Block>
RC_HD void BlocksCollide::operator()(Block block) const {
  if (block.lane() == 0) *y += float(1 + block.index());
}

template <class Block>
RC_HD void SharedBeyondLimit::operator()(Block block) const {
  float* held = block.template shared<float>(1);
  *held = 1, *y = *held;
}

template void enter<Target::RC_TARGET>(const MissingBarrier&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DivergentBarrier&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const TailByOne&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const UnwrittenShared&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MisalignedLoad&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BlocksCollide&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SharedBeyondLimit&, const Grid&, void*);

}  // namespace rc
