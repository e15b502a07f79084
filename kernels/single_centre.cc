#include "kernels/single_centre.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void CentreDistance::operator()(Block block) const {
  const float* row = f + block.index() * dim;
  float square = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    const float away = row[d] - centre[d];
    square += away * away;
  }
  square = block.sum(square);
  if (block.lane() == 0) distance[block.index()] = sqrt(square);
}

template <class Block>
RC_HD void SingleCentreSummary::operator()(Block block) const {
  int fakes = 0;
  float natural = 0, manipulated = 0;
  for (int64_t i = block.lane(); i < rows; i += block.lanes()) {
    fakes += label[i] != 0;
    (label[i] == 0 ? natural : manipulated) += distance[i];
  }
  fakes = block.sum(fakes);
  natural = block.sum(natural);
  manipulated = block.sum(manipulated);
  if (block.lane() != 0) return;

  const int64_t reals = rows - fakes;
  const float natural_share = reals > 0 ? 1 / float(reals) : 0;
  const float manipulated_share = fakes > 0 ? 1 / float(fakes) : 0;
  natural *= natural_share;
  manipulated *= manipulated_share;
  const float missing = natural - manipulated + margin;  // of the distance between the classes
  result[kSingleCentreLoss] = natural + max(missing, 0.0f);
  result[kNaturalDistance] = natural;
  result[kManipulatedDistance] = manipulated;
  result[kNaturalSlope] = missing > 0 ? 2 * natural_share : natural_share;
  result[kManipulatedSlope] = missing > 0 ? -manipulated_share : 0;
}

template <class Block>
RC_HD void SingleCentreBackward::operator()(Block block) const {
  // Every lane owns its columns from the first row to the last, so dcentre needs no barrier.
  const int64_t begin = block.index() * kCentreColumns, end = min(begin + kCentreColumns, dim);
  for (int64_t d = begin + block.lane(); d < end; d += block.lanes()) dcentre[d] = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const float slope = *scale * result[label[i] == 0 ? kNaturalSlope : kManipulatedSlope];
    const float pull = distance[i] > 0 ? slope / distance[i] : 0;
    for (int64_t d = begin + block.lane(); d < end; d += block.lanes()) {
      const float g = pull * (f[i * dim + d] - centre[d]);
      df[i * dim + d] = g;
      dcentre[d] -= g;
    }
  }
}

template void enter<Target::RC_TARGET>(const CentreDistance&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SingleCentreSummary&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SingleCentreBackward&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   CentreDistance        32  128
//   SingleCentreSummary   40  256
//   SingleCentreBackward  48    0

}  // namespace rc
