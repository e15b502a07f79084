#include "kernels/contrastive_fused.h"

#include "engine/block.h"
#include "kernels/contrastive_mma.h"
#include "kernels/contrastive_tiles.h"
#include "kernels/scalars.h"

namespace rc {

// Adds the keys of one tile to the sums of the anchors of another, s[key][anchor]: a lane takes a few anchors
// and every fourth key.
template <PairSweep sweep, class Block>
RC_INLINE void add_sums(Block& block, const FusedContrast& contrast, const float* s, const Roles& anchors,
                        const Roles& keys, float* partial) {
  using E = typename Lane<Block>::Float;
  using Word = typename Lane<Block>::Word;
  constexpr int64_t n = sizeof(E) / sizeof(float), across = kPairTile / n;
  for (int64_t i = block.lane(); i < across * kChains; i += block.lanes()) {
    const int64_t row = i % across * n, chain = i / across;
    const Word own = take<Word>(anchors.anchor + row), source = take<Word>(anchors.source + row),
               tuple = take<Word>(anchors.tuple + row);
    const E repelled = take<E>(anchors.saved + kSavedRepelled * kPairTile + row), log_e = log(repelled);
    const E none = E{}, one = spread<E>(1);
    E sum[kRowSums];
    RC_UNROLL
    for (int k = 0; k < kRowSums; ++k) sum[k] = none;
    sum[kHardest] = -one;
    for (int64_t j = chain; j < kPairTile; j += kChains) {
      const E cosine = take<E>(s + j * kPairTile + row);
      const auto positive = (own == keys.positive[j]) & (source != keys.source[j]);
      auto negative = own == keys.negative[j];
      if (keys.owner[j] >= 0) negative = negative & (source == keys.owner[j]);
      const auto kin = (tuple == keys.tuple[j]) & (tuple >= 0);
      const Logits<E> x = logits(contrast, cosine, positive, kin);
      const E e = exp(x.u);
      if constexpr (sweep == PairSweep::second) {
        const E far = log_e - x.u, size = far < none ? -far : far;
        const E value = (far > none ? far : none) + log(1.0f + exp(-size));  // log(1 + E e^-u)
        sum[kPull] += positive ? x.weight * value : none;
        sum[kPush] += positive ? x.weight / (e + repelled) : none;
      } else {
        sum[kDenominator] += negative ? e : none;
        if constexpr (sweep == PairSweep::joint) {
          sum[kDenominator] += positive ? e : none;
          sum[kPull] += positive ? x.weight * x.u : none;
        }
        sum[kWeight] += positive ? x.weight : none;
        sum[kPositives] += positive ? one : none;
        sum[kCosine] += positive ? cosine : none;
        const E candidate = negative ? cosine : -one;
        sum[kHardest] = sum[kHardest] < candidate ? candidate : sum[kHardest];
      }
    }
    RC_UNROLL
    for (int k = 0; k < kRowSums; ++k) put(partial + (k * kChains + chain) * kPairTile + row, sum[k]);
  }
}

// Whether a sweep computes a sum.
RC_INLINE bool is_of(PairSweep sweep, int sum) {
  const bool of_second = sum == kPull || sum == kPush;
  return sweep == PairSweep::joint ? sum != kPush : of_second == (sweep == PairSweep::second);
}

template <class Block>
RC_INLINE void add_partial(Block& block, const float* partial, PairSweep sweep, bool first, float* sums,
                           int64_t rows) {
  for (int64_t i = block.lane(); i < kPairTile; i += block.lanes())
    for (int k = 0; k < kRowSums; ++k) {
      if (!is_of(sweep, k)) continue;
      const float* p = partial + k * kChains * kPairTile + i;
      float& sum = sums[k * rows + i];
      if (k == kHardest) {
        for (int chain = 0; chain < kChains; ++chain)
          sum = first && chain == 0 ? p[0] : max(sum, p[chain * kPairTile]);
      } else {
        const float joined = (p[0] + p[kPairTile]) + (p[2 * kPairTile] + p[3 * kPairTile]);
        sum = first ? joined : sum + joined;
      }
    }
}

template <class Rows>
template <class Block>
RC_HD void SumPairs<Rows>::operator()(Block block) const {
  const int64_t first = at.first(block.index()), second = at.second(block.index());
  if (first >= at.tiles || second >= at.tiles) return;
  float* s = block.template shared<float>(kTileSquare);
  float* partial = block.template shared<float>(kRowSums * kChains * kPairTile);
  const float* known = sweep == PairSweep::second ? saved : nullptr;
  const Roles left = roles_of(block, contrast, first, known),
              right = roles_of(block, contrast, second, known);
  similarities(block, contrast, rows, first, second, s);

  const auto add = [&](const Roles& anchors, const Roles& keys, int64_t tile) {
    block.sync();
    switch (sweep) {
      case PairSweep::joint:
        add_sums<PairSweep::joint>(block, contrast, s, anchors, keys, partial);
        break;
      case PairSweep::first:
        add_sums<PairSweep::first>(block, contrast, s, anchors, keys, partial);
        break;
      case PairSweep::second:
        add_sums<PairSweep::second>(block, contrast, s, anchors, keys, partial);
        break;
    }
    block.sync();
    add_partial(block, partial, sweep, at.round < 0, sums + tile * kPairTile, contrast.rows());
  };
  add(left, right, first);
  if (first == second) return;
  block.sync();
  transpose(block, s);
  add(right, left, second);
}

template <class Block>
RC_HD void FinishRows::operator()(Block block) const {
  const Pairs& pairs = contrast.pairs;
  const ClassCounts classes = count_classes(block, pairs);
  const int counted = count_anchors(block, pairs, classes);
  const float scale = scalars[kObjectiveWeight] / float(counted) / contrast.temperature;
  const int64_t rows = contrast.rows(), begin = block.index() * kPairTile;
  for (int64_t i = begin + block.lane(); i < begin + kPairTile; i += block.lanes()) {
    const auto sum = [&](int k) { return sums[k * rows + i]; };
    const auto save = [&](int k, float x) { saved[k * rows + i] = x; };
    if (i >= pairs.anchors() || !classes.has_positive(pairs, pairs.source(i))) {
      for (int k = 0; k < kSavedRows; ++k) save(k, 0);
      if (i < pairs.anchors()) loss[i] = 0, positive_cosine[i] = 0, negative_cosine[i] = -1;
      continue;
    }
    const float share = 1 / sum(kWeight);
    save(kSavedPositive, scale * share);
    if (sweep == PairSweep::joint) {
      save(kSavedNegative, scale / sum(kDenominator));
      save(kSavedRepelled, 0);
      loss[i] = log(sum(kDenominator)) - sum(kPull) * share;
    } else {
      save(kSavedRepelled, sum(kDenominator));
      if (sweep == PairSweep::second) {
        save(kSavedNegative, scale * share * sum(kPush));
        loss[i] = sum(kPull) * share;
      }
    }
    positive_cosine[i] = sum(kCosine) / sum(kPositives);
    negative_cosine[i] = sum(kHardest);
  }
}

// From similarities of two tiles to C = G + G^T in place, s[b][a]: each pair with either row as the anchor.
template <ContrastiveForm form, class Block>
RC_INLINE void gradients(Block& block, const FusedContrast& contrast, float* s, const Roles& left,
                         const Roles& right) {
  using E = typename Lane<Block>::Float;
  using Word = typename Lane<Block>::Word;
  constexpr int64_t n = sizeof(E) / sizeof(float), across = kPairTile / n;
  for (int64_t i = block.lane(); i < across * kPairTile; i += block.lanes()) {
    const int64_t a = i % across * n, b = i / across;
    const auto role = [&](const int32_t* words) { return take<Word>(words + a); };
    const auto saved = [&](const Roles& of, SavedRow k) { return of.saved + k * kPairTile; };
    const Word source = role(left.source), owner = role(left.owner), tuple = role(left.tuple);
    const auto apart = source != right.source[b];
    const auto kin = (tuple == right.tuple[b]) & (tuple >= 0);
    // a the anchor, then b
    const auto pull_a = (role(left.anchor) == right.positive[b]) & apart;
    auto push_a = role(left.anchor) == right.negative[b];
    if (right.owner[b] >= 0) push_a = push_a & (source == right.owner[b]);
    const auto pull_b = (role(left.positive) == right.anchor[b]) & apart;
    const auto push_b = (role(left.negative) == right.anchor[b]) & ((owner < 0) | (owner == right.source[b]));

    const auto positive = pull_a | pull_b;
    const E none = E{};
    const Logits<E> x = logits(contrast, take<E>(s + b * kPairTile + a), positive, kin);
    const E e = exp(x.u);
    const E share_a = take<E>(saved(left, kSavedPositive) + a),
            share_b = spread<E>(saved(right, kSavedPositive)[b]),
            scale_a = take<E>(saved(left, kSavedNegative) + a),
            scale_b = spread<E>(saved(right, kSavedNegative)[b]);
    E c;
    if constexpr (form == ContrastiveForm::joint) {
      const E repel = ((pull_a | push_a) ? scale_a : none) + ((pull_b | push_b) ? scale_b : none);
      const E attract = (pull_a ? share_a : none) + (pull_b ? share_b : none);
      c = x.slope * (e * repel - x.weight * attract);
    } else {
      const E repelled_a = take<E>(saved(left, kSavedRepelled) + a),
              repelled_b = spread<E>(saved(right, kSavedRepelled)[b]);
      const E miss = (pull_a ? share_a * (repelled_a / (e + repelled_a)) : none) +
                     (pull_b ? share_b * (repelled_b / (e + repelled_b)) : none);
      const E repel = (push_a ? scale_a : none) + (push_b ? scale_b : none);
      c = x.slope * (e * repel - x.weight * miss);
    }
    put(s + b * kPairTile + a, c);
  }
}

template <class Rows>
template <class Block>
RC_HD void PairGradient<Rows>::operator()(Block block) const {
  const int64_t first = at.first(block.index()), second = at.second(block.index());
  if (first >= at.tiles || second >= at.tiles) return;
  float* s = block.template shared<float>(kTileSquare);
  const Roles left = roles_of(block, contrast, first, saved),
              right = roles_of(block, contrast, second, saved);
  similarities(block, contrast, rows, first, second, s);
  block.sync();
  if (contrast.form == ContrastiveForm::joint)
    gradients<ContrastiveForm::joint>(block, contrast, s, left, right);
  else
    gradients<ContrastiveForm::separate>(block, contrast, s, left, right);
  block.sync();
  add_both_products(block, contrast, rows, s, first, second, gradient, at.round < 0);
}

template <class T>
template <class Block>
RC_HD void PackRows<T>::operator()(Block block) const {
  const int64_t begin = block.index() * kPanel, dims = contrast.dims(), dim = contrast.dim;
  const auto value = [&](int64_t row, int64_t d) {
    return row < contrast.pairs.keys() && d < dim ? float(key[row * dim + d]) : 0.0f;
  };
  for (int64_t i = block.lane(); i < kPanel * dims; i += block.lanes())
    panel[begin * dims + i] = value(begin + i % kPanel, i / kPanel);
  if (!bundle) return;
  float* to = bundle + begin / kPairTile * kPairTile * dims + begin % kPairTile * kBundle;
  for (int64_t i = block.lane(); i < kPanel * dims; i += block.lanes())
    to[i / (kPanel * kBundle) * kPairTile * kBundle + i % (kPanel * kBundle)] =
        value(begin + i / kBundle % kPanel, i / (kPanel * kBundle) * kBundle + i % kBundle);
}

template <class Block>
RC_HD void RoundRows::operator()(Block block) const {
  const int64_t dims = contrast.square_dims(), dim = contrast.dim;
  for (int64_t d = 0; d < dims; d += kPairTile)
    for (int64_t i = block.lane(); i < kTileSquare; i += block.lanes()) {
      const int64_t at = block.index() * kPairTile + i / kPairTile, column = d + i % kPairTile;
      const bool inside = at < contrast.pairs.keys() && column < dim;
      row[at * dims + column] = Bf16(inside ? key[at * dim + column] : 0);
    }
}

template <class Block>
RC_HD void UnpackRows::operator()(Block block) const {
  const int64_t row = block.index();
  const float* from = panel + panel_place(contrast.dims(), row / kPairTile, row % kPairTile);
  for (int64_t d = block.lane(); d < contrast.dim; d += block.lanes())
    key[row * contrast.dim + d] = from[d * kPanel];
}

template void enter<Target::RC_TARGET>(const PackRows<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const PackRows<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const RoundRows&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPairs<Panels>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPairs<Bf16Rows>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const FinishRows&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const PairGradient<Panels>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const PairGradient<Bf16Rows>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const UnpackRows&, const Grid&, void*);

}  // namespace rc
