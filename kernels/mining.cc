#include "kernels/mining.h"

#include "engine/block.h"

namespace rc {

template <class Block>
RC_HD void MineHardRows::operator()(Block block) const {
  int reals = 0;
  float sum = 0;
  for (int64_t i = block.lane(); i < rows; i += block.lanes()) {
    if (label[i] == 0) {
      ++reals;
    } else {
      sum += distance[i];
    }
  }
  reals = block.sum(reals);
  sum = block.sum(sum);
  const int64_t fakes = rows - reals, marginal = marginal_count(share, reals);
  if (block.lane() == 0) *fake_distance = fakes > 0 ? sum / float(fakes) : kNoFake;

  for (int64_t k = block.lane(); k < max_real; k += block.lanes()) marginal_real[k] = -1;
  for (int64_t k = block.lane(); k < max_fake; k += block.lanes()) hard_fake[k] = -1;
  block.sync();
  for (int64_t i = block.lane(); i < rows; i += block.lanes()) {
    const bool real = label[i] == 0;
    int64_t rank = 0;  // how many rows of this class come before row i
    for (int64_t j = 0; j < rows; ++j) {
      const float lead = real ? distance[j] - distance[i] : distance[i] - distance[j];
      rank += label[j] == label[i] && (lead > 0 || (lead == 0 && j < i));
    }
    if (real && rank < marginal && rank < max_real) marginal_real[rank] = int32_t(i);
    if (!real && rank < max_fake) hard_fake[rank] = int32_t(i);
  }
}

template void enter<Target::RC_TARGET>(const MineHardRows&, const Grid&, void*);

}  // namespace rc
