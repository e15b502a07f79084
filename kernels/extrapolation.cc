#include "kernels/extrapolation.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

inline constexpr float kRightAngle = 1.57079632679f;

// A row z and its centre c as a point of their great circle, z = c cosine + e sine. Without a direction e,
// and from a centre that has not started (zeros), there is nowhere to go.
struct Arc {
  const float *z, *c;
  float cosine, sine, angle;
  bool stuck;
  RC_INLINE float e(int64_t d) const { return (z[d] - cosine * c[d]) / sine; }
};
template <class Block>
RC_INLINE Arc arc_of(Block& block, const SourceRows& from, int32_t x) {
  Arc arc{from.row(x), from.centre_at(x), 0, 0, 0, false};
  float along = 0, centre = 0, square = 0;
  for (int64_t d = block.lane(); d < from.dim; d += block.lanes()) {
    along += arc.z[d] * arc.c[d];
    centre += arc.c[d] * arc.c[d];
  }
  arc.cosine = block.sum(along);
  centre = block.sum(centre);
  for (int64_t d = block.lane(); d < from.dim; d += block.lanes()) {
    const float across = arc.z[d] - arc.cosine * arc.c[d];
    square += across * across;
  }
  arc.sine = sqrt(block.sum(square));
  arc.angle = atan2(arc.sine, arc.cosine);  // exact near 0 too, where acos(cosine) is not
  arc.stuck = arc.sine < kShortestArc || centre == 0;
  return arc;
}

template <class Block>
RC_HD void GeodesicKeys::operator()(Block block) const {
  const int64_t k = block.index(), dim = from.dim;
  const int32_t x = rows[2 * k];
  if (x == kUnused) {
    for (int64_t d = block.lane(); d < dim; d += block.lanes()) key[k * dim + d] = 0;
    if (block.lane() == 0) weight[k] = 0, norm[k] = 0;
    return;
  }
  float share = weight[k];
  const Arc arc = arc_of(block, from, x);
  if (share > 1) share = max(min(share, kRightAngle / arc.angle), 1.0f);
  if (k < guarded && 1 - cos(share * arc.angle) > *fake_distance) share = 1;
  if (arc.stuck) share = 1;
  const float a = cos(share * arc.angle), b = sin(share * arc.angle);
  for (int64_t d = block.lane(); d < dim; d += block.lanes())
    key[k * dim + d] = share == 1 ? arc.z[d] : a * arc.c[d] + b * arc.e(d);
  if (block.lane() == 0) weight[k] = share, norm[k] = 1;
}

template <class Block>
RC_HD void GeodesicGradient::operator()(Block block) const {
  const int64_t k = block.index(), dim = from.dim;
  const float* const g = dkey + k * dim;
  float* const out = dx + k * dim;
  const int32_t x = rows[2 * k];
  if (x == kUnused) {
    for (int64_t d = block.lane(); d < dim; d += block.lanes()) out[d] = 0;
    return;
  }
  const Arc arc = arc_of(block, from, x);
  if (arc.stuck) {
    for (int64_t d = block.lane(); d < dim; d += block.lanes()) out[d] = g[d];
    return;
  }
  float along = 0, across = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    along += g[d] * arc.c[d];
    across += g[d] * arc.e(d);
  }
  along = block.sum(along);
  across = block.sum(across);
  const float l = weight[k], a = cos(l * arc.angle), b = sin(l * arc.angle);
  const float turn = l * (a * across - b * along);  // l (t_k . g)
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    const float c = arc.c[d], e = arc.e(d);
    out[d] = turn * (arc.cosine * e - arc.sine * c) + b / arc.sine * (g[d] - across * e - along * c);
  }
}

template void enter<Target::RC_TARGET>(const GeodesicKeys&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GeodesicGradient&, const Grid&, void*);

// The stack is that of sinf and cosf, for angles larger than any here.
// Budget: registers of a thread, bytes of shared memory of a block.
//   GeodesicKeys      40  128  stack 32
//   GeodesicGradient  48  128  stack 32

}  // namespace rc
