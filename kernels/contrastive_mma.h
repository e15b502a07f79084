// A pair of tiles from Bf16Rows, in two bodies: plain loops for the products, all else as with FloatRows; and
// for blocks with tensor cores, which have the 256 lanes that the kernels' grids ask for, one that keeps
// similarities in registers and meets each pair of rows once. Included by contrastive_fused.cc alone.
//
// Products are exact and sums fp32 in both. So similarities are those of the rounded rows, each within D
// units in the last place of 1, whatever the order and the rounding of D additions to sums of at most 1. In
// the gradient C is an operand as well, rounded to bf16: dK_a moves by at most 2^-8 sum_b |C_ab| |K_b|. e^u
// is off by |u| 2^-24 of itself more where a GPU looks it up. The order of additions is fixed: in a product
// the hardware's, in a row's sums that of lanes, warps and rounds. So a GPU gives the same bits at every run.
//
// Of a pair of tiles, with S = D / 64 rounded up: operations on 16x8x16 elements, bytes from global memory,
// and the instructions of a warp that PTX counts at D = 128 (cosine margin, D1):
//   SumPairs      128 S   16 KiB S of rows                                                    18 400
//   PairGradient  384 S   32 KiB S of rows, 32 KiB S of the gradient read, as many written    22 400
// Shared memory 28 KiB; registers 64 to 84 a lane (PairGradient 110 and 128 for 10.0 and 12.0), no spills:
// 2 or 3 blocks on a multiprocessor. An estimate, not a measurement: at 4 instructions a cycle, and 2 cycles
// for an operation on tensor cores, these work 11 % and 27 % of the time; who is what to whom and the sums
// take the rest. The same products by fma would be 16 400 and 49 200 instructions more.
#pragma once

#include "engine/block.h"
#include "kernels/contrastive_fused.h"
#include "kernels/contrastive_tiles.h"

namespace rc {

// s[b][a] = key b . key a, a the rows of the first tile.
template <class Block>
RC_INLINE void similarities(Block& block, const FusedContrast& contrast, const Bf16Rows& rows,
                            const TilePair& pair, float* s) {
  const int64_t dims = contrast.square_dims();
  for (int64_t i = block.lane(); i < kTileSquare; i += block.lanes()) {
    const Bf16* x = rows.row + (pair.first * kPairTile + i % kPairTile) * dims;
    const Bf16* y = rows.row + (pair.second * kPairTile + i / kPairTile) * dims;
    float sum = 0;
    for (int64_t d = 0; d < contrast.dim; ++d) sum = fma(float(x[d]), float(y[d]), sum);
    s[i] = sum;
  }
}

// As with FloatRows, but C is rounded to bf16.
template <class Block>
RC_INLINE void add_both_products(Block& block, const FusedContrast& contrast, const Bf16Rows& rows,
                                 const TilePair& pair, float* s, float* gradient) {
  const int64_t dims = contrast.dims();
  const auto add = [&](int64_t from, int64_t to, int64_t along, int64_t down) {
    const Bf16* key = rows.row + from * kPairTile * contrast.square_dims();
    for (int64_t i = block.lane(); i < kPairTile * dims; i += block.lanes()) {
      const int64_t a = i / dims, d = i % dims;
      float sum = 0;
      for (int64_t k = 0; k < kPairTile; ++k)
        sum = fma(float(Bf16(s[a * along + k * down])), float(key[k * contrast.square_dims() + d]), sum);
      float& total = gradient[panel_place(dims, to, a) + d * kPanel];
      total = pair.one() ? sum : total + sum;
    }
  };
  add(pair.second, pair.first, 1, kPairTile);
  if (!pair.one()) add(pair.first, pair.second, kPairTile, 1);
}

template <class Block>
concept HasTensorCores = requires {
  typename Block::Warp;
};

// The operands of tensor cores are squares of 64x64 bf16 in shared memory. A row is 8 groups of 16 bytes, and
// group g of row r stands in place g ^ (r % 8): the groups that 8 lanes ask for, one below the other or side
// by side, lie in different banks.
RC_INLINE int in_square(int row, int column) { return row * int(kPairTile) + (column ^ row % 8 * 8); }

template <HasTensorCores Block>
RC_INLINE void fetch_square(Block& block, const Bf16* from, int64_t dims, Bf16* square) {
  for (int i = block.lane(); i < kTileSquare / 8; i += block.lanes()) {
    const int row = i / 8, column = i % 8 * 8;
    Block::Warp::copy(square + in_square(row, column), from + row * dims + column);
  }
}

// A lane's part of a product [64, 64]. Each of 8 warps has 16 rows and 32 columns of it: 4 matrices side by
// side, held as Warp::multiply_add says. So a lane has 2 rows, 8 apart, by 4 times 2 columns, 8 apart.
struct Part {
  float of[4][4] = {};  // [matrix][row, column]

  RC_INLINE static int row(int lane, int i) { return lane / 32 % 4 * 16 + lane % 32 / 4 + i * 8; }
  RC_INLINE static int column(int lane, int i) { return lane / 128 * 32 + i / 2 * 8 + lane % 4 * 2 + i % 2; }
  RC_INLINE float& at(int row, int column) { return of[column / 2][row * 2 + column % 2]; }
};

// sum[m][n] += a(m, k) b(n, k) summed over k, which runs along the rows of a square, or `down` its columns.
template <bool a_down, bool b_down, HasTensorCores Block>
RC_INLINE void multiply_add(const Block& block, const Bf16* a, const Bf16* b, Part& sum) {
  const int lane = block.lane(), m = lane / 32 % 4 * 16, n = lane / 128 * 32;
  const int quarter = lane % 32 / 8, r = lane % 8, near = quarter % 2 * 8, far = quarter / 2 * 8;
  const auto row = [&](const Bf16* square, int x, int k, bool down) {
    return square + (down ? in_square(k + r, x) : in_square(x + r, k));
  };
  RC_UNROLL
  for (int k = 0; k < kPairTile; k += 16) {
    uint32_t x[4], y[2][4];
    Block::Warp::template load<a_down>(x, row(a, m + near, k + far, a_down));
    RC_UNROLL
    for (int i = 0; i < 2; ++i)
      Block::Warp::template load<b_down>(y[i], row(b, n + i * 16 + far, k + near, b_down));
    RC_UNROLL
    for (int i = 0; i < 4; ++i)
      Block::Warp::multiply_add(sum.of[i], x, y[i / 2][i % 2 * 2], y[i / 2][i % 2 * 2 + 1]);
  }
}

// Element (b, a) is key b . key a. The operands pass through two squares.
template <HasTensorCores Block>
RC_INLINE Part similarities(Block& block, const FusedContrast& contrast, const Bf16Rows& rows,
                            const TilePair& pair, Bf16* left, Bf16* right) {
  const int64_t dims = contrast.square_dims();
  Part sum;
  for (int64_t d = 0; d < dims; d += kPairTile) {
    fetch_square(block, rows.row + pair.first * kPairTile * dims + d, dims, left);
    fetch_square(block, rows.row + pair.second * kPairTile * dims + d, dims, right);
    Block::Warp::wait_for_copies();
    block.sync();
    multiply_add<false, false>(block, right, left, sum);
    block.sync();
  }
  return sum;
}

// Joins an anchor's sums to those of lanes whose number differs in the bits of `step`.
template <PairSweep sweep, HasTensorCores Block>
RC_INLINE void join_lanes(const Block&, AnchorSums<float>& sum, int step) {
  RC_UNROLL
  for (int k = 0; k < kRowSums; ++k) {
    if (!is_of(sweep, k)) continue;
    const float other = Block::Warp::partner(sum.of[k], step);
    sum.of[k] = k == kHardest ? max(sum.of[k], other) : sum.of[k] + other;
  }
}

// Every pair of rows is met once, with one exponential for both as anchors. Partial sums stand where the
// operands stood: an `a` has one of each warp that has its column, a `b` two of each that has its row.
template <PairSweep sweep, HasTensorCores Block>
RC_INLINE void sum_pair(Block& block, const FusedContrast& contrast, const Bf16Rows& rows,
                        const TilePair& pair, float* s, float* partial, float* sums) {
  auto* operands = reinterpret_cast<Bf16*>(s);
  Part cosines = similarities(block, contrast, rows, pair, operands, operands + kTileSquare);

  const int lane = block.lane(), warp = lane / 32;
  const auto write = [&](const AnchorSums<float>& sum, float* to, int chain, int row) {
    RC_UNROLL
    for (int k = 0; k < kRowSums; ++k)
      if (is_of(sweep, k)) to[(k * int(kChains) + chain) * int(kPairTile) + row] = sum.of[k];
  };
  const auto repelled_of = [](const Roles& roles, int row) {
    return sweep == PairSweep::second ? saved_of<float>(roles, row).repelled : 1.0f;
  };
  Role<int32_t> role_b[2];
  float repelled_b[2], log_b[2];
  AnchorSums<float> sum_b[2];
  RC_UNROLL
  for (int i = 0; i < 2; ++i) {
    role_b[i] = role<int32_t>(pair.right, Part::row(lane, i));
    repelled_b[i] = repelled_of(pair.right, Part::row(lane, i));
    log_b[i] = log(repelled_b[i]);
  }
  RC_UNROLL
  for (int j = 0; j < 8; ++j) {
    const int a = Part::column(lane, j);
    const auto role_a = role<int32_t>(pair.left, a);
    const float repelled_a = repelled_of(pair.left, a), log_a = log(repelled_a);
    AnchorSums<float> sum_a;
    RC_UNROLL
    for (int i = 0; i < 2; ++i) {
      const float cosine = cosines.at(i, j);
      const auto tie = ties(role_a, role_b[i]);
      const Logits<float> x = logits(contrast, cosine, tie.pull(), tie.kin);
      const float e = Block::Warp::exp(x.u);
      sum_a.template add<sweep>(cosine, x, e, tie.pull_a, tie.push_a, repelled_a, log_a);
      sum_b[i].template add<sweep>(cosine, x, e, tie.pull_b, tie.push_b, repelled_b[i], log_b[i]);
    }
    for (const int step : {4, 8, 16}) join_lanes<sweep>(block, sum_a, step);
    if (lane % 32 < 4) write(sum_a, s, warp % 4, a);
  }
  RC_UNROLL
  for (int i = 0; i < 2; ++i) {
    join_lanes<sweep>(block, sum_b[i], 1);
    if (lane % 2 == 0) write(sum_b[i], partial, warp / 4 * 2 + lane % 4 / 2, Part::row(lane, i));
  }
  block.sync();
  const auto add = [&](const float* of, int64_t tile) {
    add_partial(block, of, sweep, pair.one(), sums + tile * kPairTile, contrast.rows());
  };
  add(s, pair.first);
  if (!pair.one()) add(partial, pair.second);
}

// C is made into an operand, and the keys follow those of the similarities.
template <ContrastiveForm form, HasTensorCores Block>
RC_INLINE void add_gradient(Block& block, const FusedContrast& contrast, const Bf16Rows& rows,
                            const TilePair& pair, float* s, float* gradient) {
  Bf16 *left = reinterpret_cast<Bf16*>(s), *right = left + kTileSquare;
  Bf16* c = block.template shared<Bf16>(kTileSquare);
  Part cosines = similarities(block, contrast, rows, pair, left, right);
  const int lane = block.lane();
  Role<int32_t> role_b[2];
  Saved<float> saved_b[2];
  RC_UNROLL
  for (int i = 0; i < 2; ++i) {
    role_b[i] = role<int32_t>(pair.right, Part::row(lane, i));
    saved_b[i] = saved_of<float>(pair.right, Part::row(lane, i));
  }
  RC_UNROLL
  for (int j = 0; j < 8; ++j) {
    const int a = Part::column(lane, j);
    const auto role_a = role<int32_t>(pair.left, a);
    const auto saved_a = saved_of<float>(pair.left, a);
    RC_UNROLL
    for (int i = 0; i < 2; ++i) {
      const auto tie = ties(role_a, role_b[i]);
      const Logits<float> x = logits(contrast, cosines.at(i, j), tie.pull(), tie.kin);
      c[in_square(Part::row(lane, i), a)] =
          Bf16(pull_and_push<form>(tie, x, Block::Warp::exp(x.u), saved_a, saved_b[i]));
    }
  }

  const int64_t dims = contrast.square_dims();
  for (int64_t d = 0; d < dims; d += kPairTile) {
    const auto add = [&](int64_t tile, Part sum) {
      RC_UNROLL
      for (int i = 0; i < 2; ++i) {
        float* row = gradient + panel_place(contrast.dims(), tile, Part::row(lane, i)) + d * kPanel;
        RC_UNROLL
        for (int j = 0; j < 8; ++j) {
          const int column = Part::column(lane, j);
          if (d + column < contrast.dims())
            row[column * kPanel] = (pair.one() ? 0 : row[column * kPanel]) + sum.at(i, j);
        }
      }
    };
    fetch_square(block, rows.row + pair.second * kPairTile * dims + d, dims, right);
    if (!pair.one()) fetch_square(block, rows.row + pair.first * kPairTile * dims + d, dims, left);
    Block::Warp::wait_for_copies();
    block.sync();
    Part of_first;
    multiply_add<true, true>(block, c, right, of_first);
    add(pair.first, of_first);
    if (!pair.one()) {
      Part of_second;
      multiply_add<false, true>(block, c, left, of_second);
      add(pair.second, of_second);
    }
    block.sync();
  }
}

}  // namespace rc
