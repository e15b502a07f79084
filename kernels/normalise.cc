#include "kernels/normalise.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void Normalise::operator()(Block block) const {
  const int64_t row = block.index() * dim;
  float square = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) square += v[row + d] * v[row + d];
  const float length = sqrt(block.sum(square));
  const float scale = length > kShortestRow ? 1 / length : 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) z[row + d] = v[row + d] * scale;
  if (block.lane() == 0) norm[block.index()] = length;
}

template <class Block>
RC_HD void NormaliseBackward::operator()(Block block) const {
  const int64_t row = block.index() * dim;
  float along = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) along += z[row + d] * dz[row + d];
  along = block.sum(along);
  const float length = norm[block.index()];
  const float scale = length > kShortestRow ? 1 / length : 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes())
    dv[row + d] = (dz[row + d] - z[row + d] * along) * scale;
}

template void enter<Target::RC_TARGET>(const Normalise&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const NormaliseBackward&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   Normalise          32  128
//   NormaliseBackward  32  128

}  // namespace rc
