#include "kernels/consistency.h"

#include "engine/block.h"
#include "kernels/math.h"
#include "kernels/normalise.h"

namespace rc {

template <class Block>
RC_HD void ViewGap::operator()(Block block) const {
  const int64_t i = block.index();
  const float *first = f + i * dim, *second = f + (images + i) * dim;
  float first_square = 0, second_square = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    first_square += first[d] * first[d];
    second_square += second[d] * second[d];
  }
  const float first_length = sqrt(block.sum(first_square)), second_length = sqrt(block.sum(second_square));
  const bool lost = first_length <= kShortestRow || second_length <= kShortestRow;
  const float to_first = lost ? 0 : 1 / first_length, to_second = lost ? 0 : 1 / second_length;
  float square = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    const float apart = first[d] * to_first - second[d] * to_second;
    square += apart * apart;
  }
  square = block.sum(square);
  if (block.lane() == 0) {
    length[i] = first_length;
    length[images + i] = second_length;
    gap[i] = lost ? 1 : square / 2;
  }
}

template <class Block>
RC_HD void ConsistencySummary::operator()(Block block) const {
  float loss = 0, total = 0;
  for (int64_t i = block.lane(); i < images; i += block.lanes()) {
    loss += gap[i] * gap[i];
    total += gap[i];
  }
  loss = block.sum(loss);
  total = block.sum(total);
  if (block.lane() == 0) {
    result[kConsistencyLoss] = loss / float(images);
    result[kViewCosine] = 1 - total / float(images);
  }
}

template <class Block>
RC_HD void ConsistencyBackward::operator()(Block block) const {
  const int64_t i = block.index(), j = images + i;
  const bool lost = length[i] <= kShortestRow || length[j] <= kShortestRow;
  const float to_first = lost ? 0 : 1 / length[i], to_second = lost ? 0 : 1 / length[j];
  const float slope = -*scale * 2 * gap[i] / float(images);
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    const float first = f[i * dim + d] * to_first, second = f[j * dim + d] * to_second;
    df[i * dim + d] = slope * (second - first + gap[i] * first) * to_first;
    df[j * dim + d] = slope * (first - second + gap[i] * second) * to_second;
  }
}

template void enter<Target::RC_TARGET>(const ViewGap&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ConsistencySummary&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ConsistencyBackward&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   ViewGap              40  128
//   ConsistencySummary   32  128
//   ConsistencyBackward  40    0

}  // namespace rc
