#include "kernels/synthesis.h"

#include "engine/block.h"
#include "engine/rng.h"
#include "kernels/math.h"
#include "kernels/normalise.h"
#include "kernels/scalars.h"

namespace rc {

// Beta(2, 2) as a ratio of two Gamma(2) variables.
RC_INLINE float beta22(Rng& rng) {
  const float a = -log(rng.uniform_open0() * rng.uniform_open0());
  const float b = -log(rng.uniform_open0() * rng.uniform_open0());
  return a + b > 0 ? a / (a + b) : 0.5f;
}

template <class Block>
RC_HD void DrawMixes::operator()(Block block) const {
  const bool extrapolate = scalars[kHardPositives] != 0, fuse = scalars[kHardNegatives] != 0;
  uint32_t hard = 0;
  while (hard < fakes && hard_fake[hard] >= 0) ++hard;

  for (int64_t k = block.lane(); k < keys(); k += block.lanes()) {
    Rng rng(seed, Purpose::synthesis, *step, uint32_t(k));
    int32_t x = kUnused, y = kCentre;
    float share = 0;
    if (k < reals) {
      if (extrapolate) x = marginal_real[k];
      share = 1 + beta22(rng);
    } else if (k < reals + pairs) {
      if (fuse && hard >= 2) {
        const uint32_t i = rng.below(hard), other = rng.below(hard - 1);
        x = hard_fake[i];
        y = hard_fake[other + (other >= i)];
      }
      share = rng.uniform();
    } else {
      if (fuse && hard >= 1) x = hard_fake[rng.below(hard)];
      share = 1 - rng.uniform(0, 0.5f);
    }
    rows[2 * k] = x;
    rows[2 * k + 1] = y;
    weight[k] = share;
  }
}

template <class Block>
RC_HD void MixKeys::operator()(Block block) const {
  const int64_t k = block.index();
  const int32_t x = rows[2 * k], y = rows[2 * k + 1];
  const float* from = z + (x == kUnused ? 0 : x) * dim;
  const float* to = y == kCentre ? centre : z + y * dim;
  float share = x == kUnused ? 0 : weight[k];

  float square = 0, along = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    const float w = share * from[d] + (1 - share) * to[d];
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
    key[k * dim + d] = used ? (share * from[d] + (1 - share) * to[d]) / length : 0;
  if (block.lane() == 0) {
    if (!used) rows[2 * k] = kUnused;
    weight[k] = share;
    norm[k] = used ? length : 0;
  }
}

template <class Block>
RC_HD void RouteMixes::operator()(Block block) const {
  const int64_t row = block.index();
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    float sum = dz[row * dim + d];
    for (int64_t k = 0; k < keys; ++k) {
      const int32_t x = rows[2 * k], y = rows[2 * k + 1];
      if (x == kUnused) continue;
      if (x == row) sum += weight[k] * dw[k * dim + d];
      if (y == row) sum += (1 - weight[k]) * dw[k * dim + d];
    }
    dz[row * dim + d] = sum;
  }
}

template void enter<Target::RC_TARGET>(const DrawMixes&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MixKeys&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const RouteMixes&, const Grid&, void*);

}  // namespace rc
