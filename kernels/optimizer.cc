#include "kernels/optimizer.h"

#include "kernels/elements.h"
#include "kernels/math.h"

namespace rc {

template <class Block>
RC_HD void GradientNormPartial::operator()(Block block) const {
  constexpr int kSums = 16;  // side by side, so that one lane's sum is vector code
  const int64_t begin = block.index() * kElementsPerBlock, end = min(begin + kElementsPerBlock, n);
  double sum[kSums] = {};
  int32_t bad[kSums] = {};
  int64_t i = begin + block.lane() * kSums;
  for (; i + kSums <= end; i += block.lanes() * kSums) {
#pragma omp simd
    for (int k = 0; k < kSums; ++k) {
      const double x = double(gradient[i + k]);
      sum[k] += x * x;
      bad[k] += finite(gradient[i + k]) ? 0 : 1;
    }
  }
  for (; i < end; ++i) {  // fewer than kSums are left, to one lane
    sum[0] += double(gradient[i]) * double(gradient[i]);
    bad[0] += finite(gradient[i]) ? 0 : 1;
  }
  for (int k = 1; k < kSums; ++k) sum[0] += sum[k], bad[0] += bad[k];
  const double total = block.sum(sum[0]);
  const int32_t bad_total = block.sum(bad[0]);
  if (block.lane() != 0) return;
  squares[block.index()] = total;
  non_finite[block.index()] = float(bad_total);
}

template <class Block>
RC_HD void GradientNorm::operator()(Block block) const {
  double total = 0, bad = 0;
  for (int64_t i = block.lane(); i < blocks; i += block.lanes()) {
    total += squares[i];
    bad += double(non_finite[i]);
  }
  total = block.sum(total);
  bad = block.sum(bad);
  if (block.lane() != 0) return;
  const float norm = float(sqrt(total));
  facts[kNorm] = norm;
  facts[kClip] = max_norm > 0 ? min(1.0f, max_norm / (norm + 1e-6f)) : 1.0f;
  facts[kNonFinite] = float(bad);
  facts[kSkip] = finite(norm) ? 0.0f : 1.0f;
}

template <class Block>
RC_HD void Adam::operator()(Block block) const {
  if ((facts != nullptr && facts[kSkip] != 0) || scalars[step] == 0) return;
  const float clip = facts == nullptr ? 1.0f : facts[kClip];
  const double rate = double(scalars[kLearningRate]), steps = double(scalars[step]);
  const float step_size = float(rate / (1 - pow(beta1, steps)));
  const float correction = float(sqrt(1 - pow(beta2, steps)));
  const float decay = decoupled ? 0.0f : float(weight_decay);
  const float shrink = decoupled ? float(1 - rate * weight_decay) : 1.0f;
  const float b1 = float(beta1), b2 = float(beta2), a1 = float(1 - beta1), a2 = float(1 - beta2);
  const float epsilon = float(eps);
  each_element(block, n, [&](int64_t i) {
    const float w = weights[i] * shrink;
    const float g = clip * gradient[i] + decay * weights[i];
    const float m = b1 * moment1[i] + a1 * g;
    const float v = b2 * moment2[i] + a2 * g * g;
    moment1[i] = m;
    moment2[i] = v;
    weights[i] = w - step_size * (m / (sqrt(v) / correction + epsilon));
  });
}

template <class Block>
RC_HD void Sgd::operator()(Block block) const {
  if ((facts != nullptr && facts[kSkip] != 0) || scalars[step] == 0) return;
  const float clip = facts == nullptr ? 1.0f : facts[kClip];
  const float rate = scalars[kLearningRate], keep = float(momentum), decay = float(weight_decay);
  each_element(block, n, [&](int64_t i) {
    const float v = keep * velocity[i] + (clip * gradient[i] + decay * weights[i]);
    velocity[i] = v;
    weights[i] -= rate * v;
  });
}

template <class Block>
RC_HD void MovingAverage::operator()(Block block) const {
  if (facts != nullptr && facts[kSkip] != 0) return;
  const float keep = float(decay), take = float(1 - decay);
  each_element(block, n, [&](int64_t i) { average[i] = keep * average[i] + take * weights[i]; });
}

template void enter<Target::RC_TARGET>(const GradientNormPartial&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GradientNorm&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Adam&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Sgd&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MovingAverage&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   GradientNormPartial  80  384
//   GradientNorm         40  256
//   Adam                 40    0
//   Sgd                  32    0
//   MovingAverage        40    0

}  // namespace rc
