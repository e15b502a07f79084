// What a pair of rows adds to the sums of either as an anchor, and to the gradient (contrastive_fused.h). E
// is a float or a few neighbouring rows' floats, Word their int32_t. Included by contrastive_tiles.h alone.
#pragma once

#include <type_traits>

#include "engine/block.h"
#include "kernels/contrastive_fused.h"
#include "kernels/contrastive_rule.h"
#include "kernels/vector_math.h"

namespace rc {

// A few neighbours from memory.
template <class E, class T>
RC_INLINE E take(const T* p) {
  E e;
  __builtin_memcpy(&e, p, sizeof e);
  return e;
}
template <class E>
RC_INLINE void put(float* p, const E& e) {
  __builtin_memcpy(p, &e, sizeof e);
}

// What the rows of a tile are as anchors and as keys (Pairs), and their saved values: arrays of kPairTile in
// shared memory. Rows are compared by equality alone, so that a vector of them takes no branches: an anchor's
// class equals `positive` of a key that it may pull and `negative` of one that it may push.
struct Roles {
  int32_t *anchor, *positive, *negative, *source, *owner, *tuple;
  float* saved;  // [kSavedRows, kPairTile]
};
inline constexpr int32_t kNoAnchor = -1, kNoKey = -2;

// One row's.
template <class Word>
struct Role {
  Word anchor, positive, negative, source, owner, tuple;
};
template <class Word>
RC_INLINE Role<Word> role(const Roles& of, int64_t i) {
  return {take<Word>(of.anchor + i), take<Word>(of.positive + i), take<Word>(of.negative + i),
          take<Word>(of.source + i), take<Word>(of.owner + i),    take<Word>(of.tuple + i)};
}
template <class E>
struct Saved {
  E positive, negative, repelled;
};
template <class E>
RC_INLINE Saved<E> saved_of(const Roles& of, int64_t i) {
  return {take<E>(of.saved + kSavedPositive * kPairTile + i),
          take<E>(of.saved + kSavedNegative * kPairTile + i),
          take<E>(of.saved + kSavedRepelled * kPairTile + i)};
}

// Whether the anchor a pulls the key b, or pushes it, the same of the anchor b and the key a, and whether
// they are of one tuple.
template <class Mask>
struct Ties {
  Mask pull_a, push_a, pull_b, push_b, kin;

  RC_INLINE Mask pull() const { return Mask(pull_a | pull_b); }
};
template <class Word>
RC_INLINE auto ties(const Role<Word>& a, const Role<int32_t>& b) {
  const auto apart = a.source != b.source;
  using Mask = std::remove_const_t<decltype(apart)>;
  Mask push_a = a.anchor == b.negative;
  if (b.owner >= 0) push_a = push_a & (a.source == b.owner);
  return Ties<Mask>{.pull_a = Mask((a.anchor == b.positive) & apart),
                    .push_a = push_a,
                    .pull_b = Mask((a.positive == b.anchor) & apart),
                    .push_b = Mask((a.negative == b.anchor) & ((a.owner < 0) | (a.owner == b.source))),
                    .kin = Mask((a.tuple == b.tuple) & (a.tuple >= 0))};
}

// u of some pairs, du/ds * tau and the weight, where `positive` tells positives from negatives.
template <class E>
struct Logits {
  E u, slope, weight;
};
template <class E, class Mask>
RC_INLINE Logits<E> logits(const FusedContrast& contrast, const E& s, Mask positive, Mask kin) {
  const Pairs& pairs = contrast.pairs;
  const Margined<E> at = apply(contrast.margin, s);
  const E one = spread<E>(1);
  Logits<E> x{(positive ? at.phi : s) * (1 / contrast.temperature), positive ? at.slope : one, one};
  if (pairs.tuple) {
    x.weight = kin ? spread<E>(pairs.tuple_weight) : one;
    x.u = x.u + ((kin & !positive) ? spread<E>(pairs.tuple_shift) : E{});
  }
  return x;
}

// Whether a sweep computes a sum.
RC_INLINE constexpr bool is_of(PairSweep sweep, int sum) {
  const bool of_second = sum == kPull || sum == kPush;
  return sweep == PairSweep::joint ? sum != kPush : of_second == (sweep == PairSweep::second);
}

// An anchor's sums. E = repelled, what is summed of the negatives, is asked for in the second sweep.
template <class E>
struct AnchorSums {
  E of[kRowSums];

  RC_INLINE AnchorSums() {
    RC_UNROLL
    for (int k = 0; k < kRowSums; ++k) of[k] = E{};
    of[kHardest] = spread<E>(-1);
  }
  template <PairSweep sweep, class Mask>
  RC_INLINE void add(const E& cosine, const Logits<E>& x, const E& e, Mask positive, Mask negative,
                     const E& repelled, const E& log_repelled) {
    const auto add_where = [&](RowSum k, const Mask& which, const E& term) {
      if constexpr (sizeof(E) == sizeof(float))
        of[k] = which ? of[k] + term : of[k];
      else
        of[k] += which ? term : E{};
    };
    if constexpr (sweep == PairSweep::second) {
      const E none = E{}, far = log_repelled - x.u, size = far < none ? -far : far;
      const E value = (far > none ? far : none) + log(1.0f + exp(-size));  // log(1 + E e^-u)
      add_where(kPull, positive, x.weight * value);
      add_where(kPush, positive, x.weight / (e + repelled));
    } else {
      add_where(kDenominator, negative, e);
      if constexpr (sweep == PairSweep::joint) {
        add_where(kDenominator, positive, e);
        add_where(kPull, positive, x.weight * x.u);
      }
      add_where(kWeight, positive, x.weight);
      add_where(kPositives, positive, spread<E>(1));
      add_where(kCosine, positive, cosine);
      of[kHardest] = (negative & (of[kHardest] < cosine)) ? cosine : of[kHardest];
    }
  }
};

// C = G + G^T of two rows: with either as the anchor. e = e^u.
template <ContrastiveForm form, class E, class Mask>
RC_INLINE E pull_and_push(const Ties<Mask>& tie, const Logits<E>& x, const E& e, const Saved<E>& a,
                          const Saved<float>& b) {
  const E none = E{};
  const E share_b = spread<E>(b.positive), scale_b = spread<E>(b.negative);
  if constexpr (form == ContrastiveForm::joint) {
    const E repel =
        ((tie.pull_a | tie.push_a) ? a.negative : none) + ((tie.pull_b | tie.push_b) ? scale_b : none);
    const E attract = (tie.pull_a ? a.positive : none) + (tie.pull_b ? share_b : none);
    return x.slope * (e * repel - x.weight * attract);
  } else {
    const E repelled_b = spread<E>(b.repelled);
    const E miss = (tie.pull_a ? a.positive * (a.repelled / (e + a.repelled)) : none) +
                   (tie.pull_b ? share_b * (repelled_b / (e + repelled_b)) : none);
    const E repel = (tie.push_a ? a.negative : none) + (tie.push_b ? scale_b : none);
    return x.slope * (e * repel - x.weight * miss);
  }
}

}  // namespace rc
