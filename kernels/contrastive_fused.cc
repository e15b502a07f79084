#include "kernels/contrastive_fused.h"

#include "engine/block.h"
#include "kernels/contrastive_mma.h"
#include "kernels/contrastive_tiles.h"
#include "kernels/scalars.h"

namespace rc {

template <class Rows>
template <class Block>
RC_HD void SumPairs<Rows>::operator()(Block block) const {
  const int64_t first = at.first(block.index()), second = at.second(block.index());
  if (first >= at.tiles || second >= at.tiles) return;
  float* s = block.template shared<float>(kTileSquare);
  float* partial = block.template shared<float>(kRowSums * kChains * kPairTile);
  const TilePair pair = pair_of(block, contrast, first, second, sweep == PairSweep::second ? saved : nullptr);
  switch (sweep) {
    case PairSweep::joint:
      return sum_pair<PairSweep::joint>(block, contrast, rows, pair, s, partial, sums);
    case PairSweep::first:
      return sum_pair<PairSweep::first>(block, contrast, rows, pair, s, partial, sums);
    case PairSweep::second:
      return sum_pair<PairSweep::second>(block, contrast, rows, pair, s, partial, sums);
  }
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

template <class Rows>
template <class Block>
RC_HD void PairGradient<Rows>::operator()(Block block) const {
  const int64_t first = at.first(block.index()), second = at.second(block.index());
  if (first >= at.tiles || second >= at.tiles) return;
  float* s = block.template shared<float>(kTileSquare);
  const TilePair pair = pair_of(block, contrast, first, second, saved);
  if (contrast.form == ContrastiveForm::joint)
    add_gradient<ContrastiveForm::joint>(block, contrast, rows, pair, s, gradient);
  else
    add_gradient<ContrastiveForm::separate>(block, contrast, rows, pair, s, gradient);
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
template void enter<Target::RC_TARGET>(const SumPairs<FloatRows>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPairs<Bf16Rows>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const FinishRows&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const PairGradient<FloatRows>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const PairGradient<Bf16Rows>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const UnpackRows&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   PackRows<float>          32      0
//   PackRows<Bf16>           32      0
//   RoundRows                40      0
//   SumPairs<FloatRows>         72  28160
//   SumPairs<Bf16Rows>       80  28160
//   FinishRows               56    128
//   PairGradient<FloatRows>     72  20992
//   PairGradient<Bf16Rows>  128  29184
//   UnpackRows               40      0

}  // namespace rc
