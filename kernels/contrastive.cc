#include "kernels/contrastive.h"

#include "engine/block.h"
#include "kernels/contrastive_rule.h"
#include "kernels/math.h"
#include "kernels/scalars.h"

namespace rc {

inline constexpr float kLowest = -3e38f;

// One key of an anchor: its logit u, du/ds, and the weight of a positive.
struct Logit {
  Pairs::Kind kind;
  float u, slope, weight;
};

// The two forms: the loss of a row, and G over s in place. `logit(j)` reads s of a lane's own columns, which
// no other lane touches, so that the row needs no barriers.

// L = log sum_a e^{u_a} - 1/W sum_p w_p u_p over all keys a and positives p.
template <class Block, class LogitOf>
RC_INLINE float joint_row(Block& block, float* s, int64_t keys, float total, float scale, LogitOf logit) {
  float top = kLowest;
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) top = max(top, logit(j).u);
  top = block.max(top);
  float sum = 0, pull = 0;
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) {
    const Logit key = logit(j);
    if (key.kind == Pairs::Kind::none) continue;
    sum += exp(key.u - top);
    pull += key.weight * (key.u - top);
  }
  sum = block.sum(sum);
  pull = block.sum(pull) / total;
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) {
    const Logit key = logit(j);
    const bool used = key.kind != Pairs::Kind::none;
    s[j] = used ? scale * key.slope * (exp(key.u - top) / sum - key.weight / total) : 0;
  }
  return log(sum) - pull;
}

// L = 1/W sum_p w_p log(1 + E e^{-u_p}), E = sum_n e^{u_n} over the negatives n.
template <class Block, class LogitOf>
RC_INLINE float separate_row(Block& block, float* s, int64_t keys, float total, float scale, LogitOf logit) {
  float top = kLowest;
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) {
    const Logit key = logit(j);
    if (key.kind == Pairs::Kind::negative) top = max(top, key.u);
  }
  top = block.max(top);
  float sum = 0;
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) {
    const Logit key = logit(j);
    if (key.kind == Pairs::Kind::negative) sum += exp(key.u - top);
  }
  sum = block.sum(sum);
  const float log_e = top + log(sum);  // -inf without negatives: loss and gradient are then 0

  float loss = 0, push = 0;
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) {
    const Logit key = logit(j);
    if (key.kind == Pairs::Kind::positive) {
      const float x = log_e - key.u, e = exp(-abs(x)), share = key.weight / total;
      const float miss = share * (x > 0 ? 1 : e) / (1 + e);  // share of E / (e^u_p + E)
      loss += share * (max(x, 0.0f) + log(1 + e));
      push += miss;
      s[j] = -scale * key.slope * miss;
    } else if (key.kind == Pairs::Kind::none) {
      s[j] = 0;
    }
  }
  push = block.sum(push);
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) {
    const Logit key = logit(j);
    if (key.kind == Pairs::Kind::negative) s[j] = scale * key.slope * exp(key.u - top) / sum * push;
  }
  return block.sum(loss);
}

template <class Block>
RC_HD void ContrastiveRows::operator()(Block block) const {
  const int64_t i = block.index(), keys = pairs.keys(), source = pairs.source(i);
  float* row = s + i * keys;
  const ClassCounts classes = count_classes(block, pairs);
  const int counted = count_anchors(block, pairs, classes);
  if (!classes.has_positive(pairs, source)) {
    for (int64_t j = block.lane(); j < keys; j += block.lanes()) row[j] = 0;
    if (block.lane() == 0) loss[i] = 0, positive_cosine[i] = 0, negative_cosine[i] = -1;
    return;
  }

  const float sharpness = 1 / temperature;
  const auto logit = [&](int64_t j) {
    const bool kin = pairs.same_tuple(i, j);
    switch (pairs.kind(source, j)) {
      case Pairs::Kind::positive: {
        const Margined<float> at = apply(margin, row[j]);
        return Logit{Pairs::Kind::positive, at.phi * sharpness, at.slope * sharpness,
                     kin ? pairs.tuple_weight : 1};
      }
      case Pairs::Kind::negative:
        return Logit{Pairs::Kind::negative, row[j] * sharpness + (kin ? pairs.tuple_shift : 0), sharpness, 0};
      default:
        return Logit{Pairs::Kind::none, kLowest, 0, 0};
    }
  };

  float total = 0, cosine = 0, hardest = -1;
  int positives = 0;
  for (int64_t j = block.lane(); j < keys; j += block.lanes()) {
    const Logit key = logit(j);
    total += key.weight;
    if (key.kind == Pairs::Kind::positive) cosine += row[j], ++positives;
    if (key.kind == Pairs::Kind::negative) hardest = max(hardest, row[j]);
  }
  total = block.sum(total);
  positives = block.sum(positives);
  cosine = block.sum(cosine) / float(positives);
  hardest = block.max(hardest);

  const float scale = scalars[kObjectiveWeight] / float(counted);
  const float value = form == ContrastiveForm::joint ? joint_row(block, row, keys, total, scale, logit)
                                                     : separate_row(block, row, keys, total, scale, logit);
  if (block.lane() == 0) loss[i] = value, positive_cosine[i] = cosine, negative_cosine[i] = hardest;
}

template <class Block>
RC_HD void ContrastiveSummary::operator()(Block block) const {
  const ClassCounts classes = count_classes(block, pairs);
  const int counted = count_anchors(block, pairs, classes);
  int used = 0;
  float loss_sum = 0, positive_sum = 0, negative_sum = 0;
  for (int64_t i = block.lane(); i < pairs.anchors(); i += block.lanes()) {
    const int64_t source = pairs.source(i);
    used += source >= 0;
    if (!classes.has_positive(pairs, source)) continue;
    loss_sum += loss[i];
    positive_sum += positive_cosine[i];
    negative_sum += negative_cosine[i];
  }
  used = block.sum(used);
  const float share = counted > 0 ? 1 / float(counted) : 0;
  loss_sum = block.sum(loss_sum) * share;
  positive_sum = block.sum(positive_sum) * share;
  negative_sum = block.sum(negative_sum) * share;
  if (block.lane() == 0) {
    result[kContrastiveLoss] = loss_sum;
    result[kCountedAnchors] = float(counted);
    result[kLeftOutAnchors] = float(used - counted);
    result[kPositiveCosine] = positive_sum;
    result[kHardestNegative] = negative_sum;
  }
}

template void enter<Target::RC_TARGET>(const ContrastiveRows&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ContrastiveSummary&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   ContrastiveRows     48  384
//   ContrastiveSummary  48  256

}  // namespace rc
