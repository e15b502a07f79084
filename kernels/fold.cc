#include "kernels/fold.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void FoldNorm<T>::operator()(Block block) const {
  const int64_t k = block.index();
  const double scale = double(gamma[k]) / sqrt(double(var[k]) + double(eps));
  const float* from = w + k * size;
  T* to = folded + k * size;
  for (int64_t i = block.lane(); i < size; i += block.lanes()) to[i] = T(from[i] * float(scale));
  if (block.lane() == 0) bias[k] = float(double(beta[k]) - double(mean[k]) * scale);
}

template void enter<Target::RC_TARGET>(const FoldNorm<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const FoldNorm<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   FoldNorm<float>  32  0
//   FoldNorm<Bf16>   32  0

}  // namespace rc
