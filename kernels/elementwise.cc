#include "kernels/elementwise.h"

#include "engine/block.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void Add<T>::operator()(Block block) const {
  const int64_t begin = block.index() * kElementsPerBlock,
                end = begin + kElementsPerBlock < n ? begin + kElementsPerBlock : n;
  for (int64_t i = begin + block.lane(); i < end; i += block.lanes()) out[i] = T(float(a[i]) + float(b[i]));
}

template void enter<Target::RC_TARGET>(const Add<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Add<Bf16>&, const Grid&, void*);

}  // namespace rc
