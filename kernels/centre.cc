#include "kernels/centre.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void UpdateCentre::operator()(Block block) const {
  // Every lane owns its columns from beginning to end, so shared memory needs no barrier of its own.
  float* next = block.template shared<float>(dim);
  int64_t real = 0;
  for (int64_t n = 0; n < rows; ++n) real += label[n] == 0;
  const bool first = *started == 0;

  float mean_square = 0, next_square = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    float sum = 0;
    for (int64_t n = 0; n < rows; ++n)
      if (label[n] == 0) sum += z[n * dim + d];
    const float mean = real > 0 ? sum / float(real) : 0;
    next[d] = first ? mean : keep * centre[d] + (1 - keep) * mean;
    mean_square += mean * mean;
    next_square += next[d] * next[d];
  }
  const float mean_length = sqrt(block.sum(mean_square)), length = sqrt(block.sum(next_square));
  if (mean_length < kShortestMean || length < kShortestMean) return;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) centre[d] = next[d] / length;
  if (block.lane() == 0) *started = 1;
}

template void enter<Target::RC_TARGET>(const UpdateCentre&, const Grid&, void*);

}  // namespace rc
