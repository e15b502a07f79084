// What both ways of computing the contrastive loss (contrastive.h, contrastive_fused.h) hold to: the margin
// of a positive pair, and which anchors the mean is over.
#pragma once

#include "engine/block.h"
#include "kernels/contrastive.h"
#include "kernels/vector_math.h"

namespace rc {

// A cosine is kept this far from +-1, where the angle's derivative has no bound.
inline constexpr float kCosineMargin = 1e-7f;

// phi(s) and phi'(s) of positive pairs; E is a float or a vector of them.
template <class E>
struct Margined {
  E phi, slope;
};
template <class E>
RC_INLINE Margined<E> apply(const MarginRule& rule, E s) {
  if (rule.kind == Margin::cosine) return {s - rule.m, spread<E>(1)};
  constexpr float end = 1 - kCosineMargin;
  s = s < -end ? spread<E>(-end) : s;
  s = s > end ? spread<E>(end) : s;
  const auto past_pi = s < -rule.cos_m;  // acos s + m
  const E sin_s = sqrt((1.0f - s) * (1.0f + s));
  return {past_pi ? s - rule.m * rule.sin_m : s * rule.cos_m - sin_s * rule.sin_m,
          past_pi ? spread<E>(1) : rule.cos_m + s * rule.sin_m / sin_s};
}

// How many rows of the batch are of each class. Whether an anchor has a positive follows from that alone: an
// extrapolated real is a positive only beside its source, which is one too.
struct ClassCounts {
  int64_t real, fake;
  RC_INLINE bool has_positive(const Pairs& pairs, int64_t source) const {
    return source >= 0 && (pairs.label[source] == 0 ? real : fake) >= 2;
  }
};
template <class Block>
RC_INLINE ClassCounts count_classes(Block& block, const Pairs& pairs) {
  int fake = 0;
  for (int64_t i = block.lane(); i < pairs.batch; i += block.lanes()) fake += pairs.label[i] != 0;
  fake = block.sum(fake);
  return {pairs.batch - fake, fake};
}
// How many anchors have a positive: those that the mean is over.
template <class Block>
RC_INLINE int count_anchors(Block& block, const Pairs& pairs, const ClassCounts& classes) {
  int counted = 0;
  for (int64_t i = block.lane(); i < pairs.anchors(); i += block.lanes())
    counted += classes.has_positive(pairs, pairs.source(i));
  return block.sum(counted);
}

}  // namespace rc
