#include "kernels/cross_entropy.h"

#include "engine/block.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void CrossEntropy::operator()(Block block) const {
  const int64_t end = min((block.index() + 1) * kRowsPerBlock, rows);
  for (int64_t i = block.index() * kRowsPerBlock + block.lane(); i < end; i += block.lanes()) {
    const float* x = logits + i * classes;
    float* p = probabilities + i * classes;
    float top = x[0];
    for (int64_t c = 1; c < classes; ++c) top = max(top, x[c]);
    float total = 0;
    for (int64_t c = 0; c < classes; ++c) {
      p[c] = exp(x[c] - top);
      total += p[c];
    }
    for (int64_t c = 0; c < classes; ++c) p[c] /= total;
    const bool known = labels[i] >= 0 && labels[i] < classes;
    loss[i] = known ? log(total) - (x[labels[i]] - top) : float_of(0x7fc00000u);
  }
}

template <class Block>
RC_HD void Mean::operator()(Block block) const {
  if (block.lane() != 0) return;
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += double(x[i]);
  *out = float(total / double(n));
}

template <class Block>
RC_HD void CrossEntropyBackward::operator()(Block block) const {
  const float factor = (scale == nullptr ? 1.0f : *scale) / float(rows);
  const int64_t end = min((block.index() + 1) * kRowsPerBlock, rows);
  for (int64_t i = block.index() * kRowsPerBlock + block.lane(); i < end; i += block.lanes())
    for (int64_t c = 0; c < classes; ++c) {
      const float target = labels[i] == c ? 1.0f : 0.0f;
      dlogits[i * classes + c] = factor * (probabilities[i * classes + c] - target);
    }
}

template void enter<Target::RC_TARGET>(const CrossEntropy&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Mean&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const CrossEntropyBackward&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   CrossEntropy          40  0
//   Mean                  32  0
//   CrossEntropyBackward  32  0

}  // namespace rc
