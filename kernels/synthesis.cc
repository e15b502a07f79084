#include "kernels/synthesis.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void MixKeys::operator()(Block block) const {
  const int64_t k = block.index(), dim = from.dim;
  const int32_t x = rows[2 * k], y = rows[2 * k + 1];
  const int64_t at = x == kUnused ? 0 : x;
  const float *a = from.row(at), *centre = from.centre_at(at), *b = y == kCentre ? centre : from.row(y);
  float share = x == kUnused ? 0 : weight[k];

  float square = 0, along = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    const float w = share * a[d] + (1 - share) * b[d];
    square += w * w;
    along += w * centre[d];
  }
  float length = sqrt(block.sum(square));
  along = block.sum(along);
  if (k < guarded && 1 - along / length > *fake_distance) {
    share = 1;
    length = 1;
  }
  const bool used = x != kUnused && length >= kShortestMix;
  for (int64_t d = block.lane(); d < dim; d += block.lanes())
    key[k * dim + d] = used ? (share * a[d] + (1 - share) * b[d]) / length : 0;
  if (block.lane() == 0) {
    if (!used) rows[2 * k] = kUnused;
    weight[k] = share;
    norm[k] = used ? length : 0;
  }
}

template <class Block>
RC_HD void RouteMixes::operator()(Block block) const {
  // Every lane owns its columns of the row from beginning to end.
  const int64_t row = block.index();
  for (int64_t k = 0; k < keys; ++k) {
    const int32_t x = rows[2 * k], y = rows[2 * k + 1];
    if (x == kUnused) continue;
    const auto add = [&](float share) {
      for (int64_t d = block.lane(); d < dim; d += block.lanes())
        dz[row * dim + d] += share * dw[k * dim + d];
    };
    if (x == row) add(k < arcs ? 1 : weight[k]);
    if (y == row) add(1 - weight[k]);
  }
}

template void enter<Target::RC_TARGET>(const MixKeys&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const RouteMixes&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   MixKeys     40  128
//   RouteMixes  40    0

}  // namespace rc
