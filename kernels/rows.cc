#include "kernels/rows.h"

#include "engine/block.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void AddBias<T>::operator()(Block block) const {
  const T* from = x + block.index() * columns;
  T* to = out + block.index() * columns;
  const float least = activation == Activation::relu ? 0 : float_of(0xff800000u);  // 0 or -infinity
#pragma omp simd
  for (int64_t c = block.lane(); c < columns; c += block.lanes()) {
    const float v = float(from[c]) + bias[c];
    to[c] = T(v < least ? least : v);
  }
}

template void enter<Target::RC_TARGET>(const AddBias<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const AddBias<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   AddBias<float>  24  0
//   AddBias<Bf16>   24  0

}  // namespace rc
