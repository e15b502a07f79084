#include "kernels/contrastive_fused.h"

#include "engine/block.h"
#include "kernels/contrastive_rule.h"
#include "kernels/runs.h"
#include "kernels/scalars.h"
#include "kernels/vector_math.h"

namespace rc {

inline constexpr int64_t kTileSquare = kPairTile * kPairTile;

// How wide a lane works: `Float` and `Word` are its elements, `Wide` neighbours that it multiplies at once,
// for so many rows. Registers hold rows * Wide sums.
template <class Block>
struct Lane {
  using Float = float;
  using Word = int32_t;
  using Wide = Width<float, 4, true>;
  static constexpr int rows = 4;
};
template <template <Target> class OneLane, Target target>
struct Lane<OneLane<target>> {
  using Float = typename Vector<kVectorFloats<OneLane<target>>>::Float;
  using Word = typename Vector<kVectorFloats<OneLane<target>>>::Signed;
  using Wide = Width<Float, 2>;
  static constexpr int rows = target == Target::avx512 ? 8 : 4;
};

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

template <class Block>
RC_INLINE Roles roles_of(Block& block, const FusedContrast& contrast, int64_t tile, const float* saved) {
  int32_t* words = block.template shared<int32_t>(6 * kPairTile);
  const Roles roles{words,
                    words + kPairTile,
                    words + 2 * kPairTile,
                    words + 3 * kPairTile,
                    words + 4 * kPairTile,
                    words + 5 * kPairTile,
                    block.template shared<float>(kSavedRows * kPairTile)};
  const Pairs& pairs = contrast.pairs;
  for (int64_t i = block.lane(); i < kPairTile; i += block.lanes()) {
    const int64_t j = tile * kPairTile + i, fused = j - pairs.batch - pairs.positives;
    const int64_t source = j < pairs.keys() ? pairs.source(j) : -1;
    const int32_t own = source < 0 ? 0 : pairs.class_of(source);
    const bool used = source >= 0, batch = j < pairs.batch;
    roles.anchor[i] = used && j < pairs.anchors() ? own : kNoAnchor;
    roles.positive[i] = used && (batch || (fused < 0 && !pairs.positives_anchor)) ? own : kNoKey;
    roles.negative[i] = used && (batch || fused >= 0) ? 1 - own : kNoKey;
    roles.source[i] = int32_t(source);
    roles.owner[i] = used && fused >= 0 && pairs.owner ? pairs.owner[fused] : -1;
    roles.tuple[i] = used && batch && pairs.tuple ? pairs.tuple[j] : -1;
    for (int k = 0; k < kSavedRows; ++k)
      roles.saved[k * kPairTile + i] = saved ? saved[k * contrast.rows() + j] : 0;
  }
  return roles;
}

// Where a row of a tile stands in panels: dimension d lies d * kPanel further.
RC_INLINE int64_t panel_place(int64_t dims, int64_t tile, int64_t row) {
  return (tile * (kPairTile / kPanel) + row / kPanel) * dims * kPanel + row % kPanel;
}

// s[b][a] = key b . key a, a the rows of tile `first`: a lane takes a few of both at a time.
template <class Block>
RC_INLINE void similarities(Block& block, const FusedContrast& contrast, const float* panel, int64_t first,
                            int64_t second, float* s) {
  using Wide = typename Lane<Block>::Wide;
  constexpr int rows = Lane<Block>::rows;
  constexpr int64_t down = kPairTile / rows, parts = down * (kPairTile / Wide::size);
  for (int64_t part = block.lane(); part < parts; part += block.lanes()) {
    const int64_t a = part / down * Wide::size, b = part % down * rows;
    const float* x = panel + panel_place(contrast.dims(), first, a);
    const float* y = panel + panel_place(contrast.dims(), second, b);
    typename Wide::Type sum[rows];
    RC_UNROLL
    for (int i = 0; i < rows; ++i) sum[i] = Wide::of(0);
    for (int64_t d = 0; d < contrast.dim; ++d) {
      const auto v = read(Wide(), x + d * kPanel);
      RC_UNROLL
      for (int i = 0; i < rows; ++i) add_product(sum[i], y[d * kPanel + i], v);
    }
    RC_UNROLL
    for (int i = 0; i < rows; ++i) write(Wide(), s + (b + i) * kPairTile + a, sum[i]);
  }
}

// Row a of tile `to` += sum over the rows k of tile `from` of c[k][a] key k, in order; `first` starts from 0.
// A lane takes a few rows and a few dimensions at a time.
template <class Block>
RC_INLINE void add_products(Block& block, const FusedContrast& contrast, const float* c, const float* bundle,
                            int64_t from, int64_t to, float* gradient, bool first) {
  using Wide = typename Lane<Block>::Wide;
  constexpr int some = Lane<Block>::rows;  // dimensions
  const int64_t dims = contrast.dims(), groups = dims / some;
  for (int64_t part = block.lane(); part < groups * (kPairTile / Wide::size); part += block.lanes()) {
    const int64_t d = part % groups * some, a = part / groups * Wide::size;
    const float* key = bundle + (from * dims + d / kBundle * kBundle) * kPairTile + d % kBundle;
    float* out = gradient + panel_place(dims, to, a) + d * kPanel;
    typename Wide::Type sum[some];
    RC_UNROLL
    for (int i = 0; i < some; ++i)
      sum[i] = first ? Wide::of(0) : read(Wide(), (const float*)out + i * kPanel);
    for (int64_t k = 0; k < kPairTile; ++k) {
      const auto v = read(Wide(), c + k * kPairTile + a);
      RC_UNROLL
      for (int i = 0; i < some; ++i) add_product(sum[i], key[k * kBundle + i], v);
    }
    RC_UNROLL
    for (int i = 0; i < some; ++i) write(Wide(), out + i * kPanel, sum[i]);
  }
}

// A lane takes every fourth element right of the diagonal in some rows.
template <class Block>
RC_INLINE void transpose(Block& block, float* s) {
  for (int64_t i = block.lane(); i < kPairTile * 4; i += block.lanes()) {
    const int64_t b = i / 4;
    for (int64_t a = b + 1 + i % 4; a < kPairTile; a += 4) {
      const float x = s[b * kPairTile + a];
      s[b * kPairTile + a] = s[a * kPairTile + b];
      s[a * kPairTile + b] = x;
    }
  }
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

template <class Block>
RC_HD void SumPairs::operator()(Block block) const {
  const int64_t first = at.first(block.index()), second = at.second(block.index());
  if (first >= at.tiles || second >= at.tiles) return;
  float* s = block.template shared<float>(kTileSquare);
  float* partial = block.template shared<float>(kRowSums * kChains * kPairTile);
  const float* known = sweep == PairSweep::second ? saved : nullptr;
  const Roles left = roles_of(block, contrast, first, known),
              right = roles_of(block, contrast, second, known);
  similarities(block, contrast, panel, first, second, s);

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
  const float scale = scalars[kContrastiveWeight] / float(counted) / contrast.temperature;
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

template <class Block>
RC_HD void PairGradient::operator()(Block block) const {
  const int64_t first = at.first(block.index()), second = at.second(block.index());
  if (first >= at.tiles || second >= at.tiles) return;
  float* s = block.template shared<float>(kTileSquare);
  const Roles left = roles_of(block, contrast, first, saved),
              right = roles_of(block, contrast, second, saved);
  similarities(block, contrast, panel, first, second, s);
  block.sync();
  if (contrast.form == ContrastiveForm::joint)
    gradients<ContrastiveForm::joint>(block, contrast, s, left, right);
  else
    gradients<ContrastiveForm::separate>(block, contrast, s, left, right);
  block.sync();
  add_products(block, contrast, s, bundle, second, first, gradient, at.round < 0);
  if (first == second) return;
  block.sync();
  transpose(block, s);
  block.sync();
  add_products(block, contrast, s, bundle, first, second, gradient, false);
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
RC_HD void UnpackRows::operator()(Block block) const {
  const int64_t row = block.index();
  const float* from = panel + panel_place(contrast.dims(), row / kPairTile, row % kPairTile);
  for (int64_t d = block.lane(); d < contrast.dim; d += block.lanes())
    key[row * contrast.dim + d] = from[d * kPanel];
}

template void enter<Target::RC_TARGET>(const PackRows<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const PackRows<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPairs&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const FinishRows&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const PairGradient&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const UnpackRows&, const Grid&, void*);

}  // namespace rc
