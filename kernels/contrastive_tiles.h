// What the fused kernels of contrastive_fused.h do with a pair of tiles: who its rows are, their similarities
// and products from Panels, and the logits. Included by contrastive_fused.cc and contrastive_mma.h alone.
#pragma once

#include "engine/block.h"
#include "kernels/contrastive_fused.h"
#include "kernels/contrastive_rule.h"
#include "kernels/runs.h"
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
RC_INLINE void similarities(Block& block, const FusedContrast& contrast, const Panels& rows, int64_t first,
                            int64_t second, float* s) {
  using Wide = typename Lane<Block>::Wide;
  constexpr int some = Lane<Block>::rows;
  constexpr int64_t down = kPairTile / some, parts = down * (kPairTile / Wide::size);
  for (int64_t part = block.lane(); part < parts; part += block.lanes()) {
    const int64_t a = part / down * Wide::size, b = part % down * some;
    const float* x = rows.panel + panel_place(contrast.dims(), first, a);
    const float* y = rows.panel + panel_place(contrast.dims(), second, b);
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

// Many lanes go diagonal after diagonal: what neighbours swap lies in different banks. One goes along rows.
template <class Block>
RC_INLINE void transpose(Block& block, float* s) {
  const auto swap = [&](int64_t a, int64_t b) {
    float &x = s[a * kPairTile + b], &y = s[b * kPairTile + a];
    const float kept = x;
    x = y;
    y = kept;
  };
  if constexpr (kVectorFloats < Block >> 0) {
    for (int64_t a = 0; a < kPairTile; ++a)
      for (int64_t b = a + 1; b < kPairTile; ++b) swap(a, b);
  } else {
    for (int64_t i = block.lane(); i < kPairTile * (kPairTile - 1) / 2; i += block.lanes())
      swap(i % kPairTile, (i + 1 + i / kPairTile) % kPairTile);
  }
}

// dK_a += C_ab K_b and dK_b += C_ab K_a for the rows a of tile `first` and b of `second`, from s[b][a] =
// C_ab, which is lost. `begins`: the tiles are one, and its gradient starts from 0.
template <class Block>
RC_INLINE void add_both_products(Block& block, const FusedContrast& contrast, const Panels& rows, float* s,
                                 int64_t first, int64_t second, float* gradient, bool begins) {
  add_products(block, contrast, s, rows.bundle, second, first, gradient, begins);
  if (first == second) return;
  block.sync();
  transpose(block, s);
  block.sync();
  add_products(block, contrast, s, rows.bundle, first, second, gradient, false);
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

}  // namespace rc
