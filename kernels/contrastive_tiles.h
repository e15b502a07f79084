// A pair of tiles of contrastive_fused.h, the portable way: who its rows are, their similarities, what they
// add to sums and to the gradient, and the products of FloatRows. Included by contrastive_fused.cc and
// contrastive_mma.h alone.
#pragma once

#include "engine/block.h"
#include "kernels/contrastive_fused.h"
#include "kernels/contrastive_terms.h"
#include "kernels/runs.h"

namespace rc {

inline constexpr int64_t kTileSquare = kPairTile * kPairTile;

// How wide a lane works: `Float` and `Word` are its elements, `Wide` neighbours that it multiplies at once,
// for so many rows. Registers hold rows * Wide sums.
template <class Block>
struct Lane {
  using Float = float;
  using Word = int32_t;
  using Wide = Width<float, 4, Order::packed>;
  static constexpr int rows = 4;
};
template <template <Target> class OneLane, Target target>
struct Lane<OneLane<target>> {
  using Float = typename Vector<kVectorFloats<OneLane<target>>>::Float;
  using Word = typename Vector<kVectorFloats<OneLane<target>>>::Signed;
  using Wide = Width<Float, 2>;
  static constexpr int rows = target == Target::avx512 ? 8 : 4;
};

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

// Two tiles that meet in a block, and their rows. In round -1 they are one, and what is added starts from 0.
struct TilePair {
  int64_t first, second;
  Roles left, right;

  RC_INLINE bool one() const { return first == second; }
};
template <class Block>
RC_INLINE TilePair pair_of(Block& block, const FusedContrast& contrast, int64_t first, int64_t second,
                           const float* saved) {
  const Roles left = roles_of(block, contrast, first, saved),
              right = roles_of(block, contrast, second, saved);
  return {first, second, left, right};
}

// Where a row of a tile stands in panels: dimension d lies d * kPanel further.
RC_INLINE int64_t panel_place(int64_t dims, int64_t tile, int64_t row) {
  return (tile * (kPairTile / kPanel) + row / kPanel) * dims * kPanel + row % kPanel;
}

// s[b][a] = key b . key a, a the rows of the first tile: a lane takes a few of both at a time.
template <class Block>
RC_INLINE void similarities(Block& block, const FusedContrast& contrast, const FloatRows& rows,
                            const TilePair& pair, float* s) {
  using Wide = typename Lane<Block>::Wide;
  constexpr int some = Lane<Block>::rows;
  constexpr int64_t down = kPairTile / some, parts = down * (kPairTile / Wide::size);
  for (int64_t part = block.lane(); part < parts; part += block.lanes()) {
    const int64_t a = part / down * Wide::size, b = part % down * some;
    const float* x = rows.panel + panel_place(contrast.dims(), pair.first, a);
    const float* y = rows.panel + panel_place(contrast.dims(), pair.second, b);
    typename Wide::Type sum[some];
    RC_UNROLL
    for (int i = 0; i < some; ++i) sum[i] = Wide::of(0);
    for (int64_t d = 0; d < contrast.dim; ++d) {
      const auto v = read(Wide(), x + d * kPanel);
      RC_UNROLL
      for (int i = 0; i < some; ++i) add_product(sum[i], y[d * kPanel + i], v);
    }
    RC_UNROLL
    for (int i = 0; i < some; ++i) write(Wide(), s + (b + i) * kPairTile + a, sum[i]);
  }
}

// Row a of tile `to` += sum over the rows k of tile `from` of c[k][a] key k, or of c[a][k] if it lies
// `across`, in order; `first` starts from 0. A lane takes a few rows and a few dimensions at a time.
template <bool across, class Block>
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
      typename Wide::Type v;
      if constexpr (across)
        for (int i = 0; i < Wide::size; ++i) v.e[i] = c[(a + i) * kPairTile + k];
      else
        v = read(Wide(), c + k * kPairTile + a);
      RC_UNROLL
      for (int i = 0; i < some; ++i) add_product(sum[i], key[k * kBundle + i], v);
    }
    RC_UNROLL
    for (int i = 0; i < some; ++i) write(Wide(), out + i * kPanel, sum[i]);
  }
}

// Many lanes go diagonal after diagonal: what neighbours swap lies in different banks. One goes along rows.
template <class Block>
RC_INLINE void transpose(Block& block, float* s) {
  const auto swap = [&](int64_t a, int64_t b) {
    float &x = s[a * kPairTile + b], &y = s[b * kPairTile + a];
    const float kept = x;
    x = y;
    y = kept;
  };
  if constexpr (kVectorFloats<Block> != 0) {
    for (int64_t a = 0; a < kPairTile; ++a)
      for (int64_t b = a + 1; b < kPairTile; ++b) swap(a, b);
  } else {
    for (int64_t i = block.lane(); i < kPairTile * (kPairTile - 1) / 2; i += block.lanes())
      swap(i % kPairTile, (i + 1 + i / kPairTile) % kPairTile);
  }
}

// dK_a += C_ab K_b and dK_b += C_ab K_a for the rows a of the first tile and b of the second, from
// s[b][a] = C_ab, which is lost. Where many lanes read one C at once they need not read neighbours.
template <class Block>
RC_INLINE void add_both_products(Block& block, const FusedContrast& contrast, const FloatRows& rows,
                                 const TilePair& pair, float* s, float* gradient) {
  constexpr bool across = kVectorFloats<Block> == 0;
  add_products<false>(block, contrast, s, rows.bundle, pair.second, pair.first, gradient, pair.one());
  if (pair.one()) return;
  if constexpr (!across) transpose(block, s);
  add_products<across>(block, contrast, s, rows.bundle, pair.first, pair.second, gradient, false);
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
    const auto anchor = role<Word>(anchors, row);
    const E repelled = saved_of<E>(anchors, row).repelled, log_e = log(repelled);
    AnchorSums<E> sum;
    for (int64_t j = chain; j < kPairTile; j += kChains) {
      const E cosine = take<E>(s + j * kPairTile + row);
      const auto tie = ties(anchor, role<int32_t>(keys, j));
      const Logits<E> x = logits(contrast, cosine, tie.pull_a, tie.kin);
      sum.template add<sweep>(cosine, x, exp(x.u), tie.pull_a, tie.push_a, repelled, log_e);
    }
    RC_UNROLL
    for (int k = 0; k < kRowSums; ++k) put(partial + (k * kChains + chain) * kPairTile + row, sum.of[k]);
  }
}

// Joins what the chains have summed of a tile to the sums of its rows.
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

// The sums of both tiles of a pair. `s` holds a square of floats, `partial` kRowSums chains of them.
template <PairSweep sweep, class Rows, class Block>
RC_INLINE void sum_pair(Block& block, const FusedContrast& contrast, const Rows& rows, const TilePair& pair,
                        float* s, float* partial, float* sums) {
  similarities(block, contrast, rows, pair, s);
  const auto add = [&](const Roles& anchors, const Roles& keys, int64_t tile) {
    block.sync();
    add_sums<sweep>(block, contrast, s, anchors, keys, partial);
    block.sync();
    add_partial(block, partial, sweep, pair.one(), sums + tile * kPairTile, contrast.rows());
  };
  add(pair.left, pair.right, pair.first);
  if (pair.one()) return;
  block.sync();
  transpose(block, s);
  add(pair.right, pair.left, pair.second);
}

// The gradient of both tiles of a pair.
template <ContrastiveForm form, class Rows, class Block>
RC_INLINE void add_gradient(Block& block, const FusedContrast& contrast, const Rows& rows,
                            const TilePair& pair, float* s, float* gradient) {
  using E = typename Lane<Block>::Float;
  using Word = typename Lane<Block>::Word;
  constexpr int64_t n = sizeof(E) / sizeof(float), across = kPairTile / n;
  similarities(block, contrast, rows, pair, s);
  block.sync();
  for (int64_t i = block.lane(); i < across * kPairTile; i += block.lanes()) {
    const int64_t a = i % across * n, b = i / across;
    float* at = s + b * kPairTile + a;
    const auto tie = ties(role<Word>(pair.left, a), role<int32_t>(pair.right, b));
    const Logits<E> x = logits(contrast, take<E>(at), tie.pull(), tie.kin);
    put(at, pull_and_push<form>(tie, x, exp(x.u), saved_of<E>(pair.left, a), saved_of<float>(pair.right, b)));
  }
  block.sync();
  add_both_products(block, contrast, rows, pair, s, gradient);
}

}  // namespace rc
