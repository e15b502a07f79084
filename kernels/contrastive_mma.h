// The products of a pair of tiles from Bf16Rows, each in two bodies: plain loops, and below them the same for
// blocks with tensor cores, which have the 256 lanes that the kernels' grids ask for. Included by
// contrastive_fused.cc alone.
//
// Products are exact and sums fp32 in both. So similarities are those of the rounded rows, each within D
// units in the last place of 1, whatever the order and the rounding of D additions to sums of at most 1. In
// the gradient C is an operand as well, rounded to bf16: dK_a moves by at most 2^-8 sum_b |C_ab| |K_b|.
// Within a product of two squares the order of additions is the hardware's, the same at every run; the rest
// is in the order of contrastive_fused.h.
//
// Of a pair of tiles, with S = D / 64 rounded up: operations on 16x8x16 elements, bytes from global memory:
//   SumPairs      128 S   16 KiB S of rows
//   PairGradient  384 S   32 KiB S of rows, 32 KiB S of the gradient read, as many written
// Both take 45 to 80 registers a lane and spill none, and 28 to 29 KiB of shared memory: 3 to 5 blocks on a
// multiprocessor. An estimate from counts of instructions, not a measurement: at D = 128 a pair issues some
// 29 000 instructions of a warp in SumPairs and 31 000 in PairGradient, most of them exponentials and who is
// what to whom; at 4 a cycle, and 2 cycles for an operation on tensor cores, these work 7 % and 20 % of the
// time. The same products by fma would be 16 000 and 49 000 instructions more.
#pragma once

#include "engine/block.h"
#include "kernels/contrastive_fused.h"
#include "kernels/contrastive_tiles.h"

namespace rc {

// s[b][a] = key b . key a, a the rows of tile `first`.
template <class Block>
RC_INLINE void similarities(Block& block, const FusedContrast& contrast, const Bf16Rows& rows, int64_t first,
                            int64_t second, float* s) {
  const int64_t dims = contrast.square_dims();
  for (int64_t i = block.lane(); i < kTileSquare; i += block.lanes()) {
    const Bf16* x = rows.row + (first * kPairTile + i % kPairTile) * dims;
    const Bf16* y = rows.row + (second * kPairTile + i / kPairTile) * dims;
    float sum = 0;
    for (int64_t d = 0; d < contrast.dim; ++d) sum = fma(float(x[d]), float(y[d]), sum);
    s[i] = sum;
  }
}

// As with Panels, but C is rounded to bf16.
template <class Block>
RC_INLINE void add_both_products(Block& block, const FusedContrast& contrast, const Bf16Rows& rows, float* s,
                                 int64_t first, int64_t second, float* gradient, bool begins) {
  const int64_t dims = contrast.dims();
  const auto add = [&](int64_t from, int64_t to, int64_t along, int64_t down) {
    const Bf16* key = rows.row + from * kPairTile * contrast.square_dims();
    for (int64_t i = block.lane(); i < kPairTile * dims; i += block.lanes()) {
      const int64_t a = i / dims, d = i % dims;
      float sum = 0;
      for (int64_t k = 0; k < kPairTile; ++k)
        sum = fma(float(Bf16(s[a * along + k * down])), float(key[k * contrast.square_dims() + d]), sum);
      float& total = gradient[panel_place(dims, to, a) + d * kPanel];
      total = begins ? sum : total + sum;
    }
  };
  add(second, first, 1, kPairTile);
  if (first != second) add(first, second, kPairTile, 1);
}

template <class Block>
concept HasTensorCores = requires {
  typename Block::Tensor;
};

// The operands of tensor cores are squares of 64x64 bf16 in shared memory. A row is 8 groups of 16 bytes, and
// group g of row r stands in place g ^ (r % 8): the groups that 8 lanes ask for, one below the other or side
// by side, lie in different banks.
RC_INLINE int in_square(int row, int column) { return row * int(kPairTile) + (column ^ row % 8 * 8); }

template <HasTensorCores Block>
RC_INLINE void fetch_square(Block& block, const Bf16* from, int64_t dims, Bf16* square) {
  for (int i = block.lane(); i < kTileSquare / 8; i += block.lanes()) {
    const int row = i / 8, column = i % 8 * 8;
    Block::Tensor::copy(square + in_square(row, column), from + row * dims + column);
  }
}

// A product of two squares, of which each of 8 warps has 16 rows and 32 columns: 4 matrices side by side,
// held as TensorCore::multiply_add says.
struct SquareSum {
  float of[4][4] = {};

  // Calls visit(row, column, x, y) for every two neighbours x and y that the lane holds.
  template <class Visit>
  RC_INLINE void each(int lane, const Visit& visit) const {
    const int row = lane / 32 % 4 * 16 + lane % 32 / 4, column = lane / 128 * 32 + lane % 4 * 2;
    RC_UNROLL
    for (int i = 0; i < 8; ++i) {
      const float* two = of[i / 2] + i % 2 * 2;
      visit(row + i % 2 * 8, column + i / 2 * 8, two[0], two[1]);
    }
  }
};

// sum[m][n] += a(m, k) b(n, k) summed over k, which runs along the rows of a square, or `down` its columns.
template <bool a_down, bool b_down, HasTensorCores Block>
RC_INLINE void multiply_add(const Block& block, const Bf16* a, const Bf16* b, SquareSum& sum) {
  const int lane = block.lane(), m = lane / 32 % 4 * 16, n = lane / 128 * 32;
  const int quarter = lane % 32 / 8, r = lane % 8, near = quarter % 2 * 8, far = quarter / 2 * 8;
  const auto row = [&](const Bf16* square, int x, int k, bool down) {
    return square + (down ? in_square(k + r, x) : in_square(x + r, k));
  };
  RC_UNROLL
  for (int k = 0; k < kPairTile; k += 16) {
    uint32_t x[4], y[2][4];
    Block::Tensor::template load<a_down>(x, row(a, m + near, k + far, a_down));
    RC_UNROLL
    for (int i = 0; i < 2; ++i)
      Block::Tensor::template load<b_down>(y[i], row(b, n + i * 16 + far, k + near, b_down));
    RC_UNROLL
    for (int i = 0; i < 4; ++i)
      Block::Tensor::multiply_add(sum.of[i], x, y[i / 2][i % 2 * 2], y[i / 2][i % 2 * 2 + 1]);
  }
}

// The operands stand where the similarities come to stand.
template <HasTensorCores Block>
RC_INLINE void similarities(Block& block, const FusedContrast& contrast, const Bf16Rows& rows, int64_t first,
                            int64_t second, float* s) {
  Bf16 *left = reinterpret_cast<Bf16*>(s), *right = left + kTileSquare;
  const int64_t dims = contrast.square_dims();
  SquareSum sum;
  for (int64_t d = 0; d < dims; d += kPairTile) {
    fetch_square(block, rows.row + first * kPairTile * dims + d, dims, left);
    fetch_square(block, rows.row + second * kPairTile * dims + d, dims, right);
    Block::Tensor::wait_for_copies();
    block.sync();
    multiply_add<false, false>(block, right, left, sum);
    block.sync();
  }
  sum.each(block.lane(), [&](int b, int a, float x, float y) {
    store<float, 2>(s + b * kPairTile + a, {x, y});
  });
}

// The keys stand where C stood.
template <HasTensorCores Block>
RC_INLINE void add_both_products(Block& block, const FusedContrast& contrast, const Bf16Rows& rows, float* s,
                                 int64_t first, int64_t second, float* gradient, bool begins) {
  Bf16* c = block.template shared<Bf16>(kTileSquare);
  for (int i = block.lane(); i < kTileSquare / 8; i += block.lanes()) {
    const Pack<float, 8> x = load<float, 8>(s + i * 8);
    Pack<Bf16, 8> rounded;
    RC_UNROLL
    for (int k = 0; k < 8; ++k) rounded.set(k, x[k]);
    store<Bf16, 8>(c + in_square(i / 8, i % 8 * 8), rounded);
  }
  block.sync();

  Bf16 *left = reinterpret_cast<Bf16*>(s), *right = left + kTileSquare;
  const int64_t dims = contrast.square_dims();
  for (int64_t d = 0; d < dims; d += kPairTile) {
    const auto add = [&](int64_t tile, const SquareSum& sum) {
      sum.each(block.lane(), [&](int row, int column, float x, float y) {
        if (d + column >= contrast.dims()) return;
        float* total = gradient + panel_place(contrast.dims(), tile, row) + (d + column) * kPanel;
        total[0] = begins ? x : total[0] + x;
        total[kPanel] = begins ? y : total[kPanel] + y;
      });
    };
    fetch_square(block, rows.row + second * kPairTile * dims + d, dims, right);
    if (first != second) fetch_square(block, rows.row + first * kPairTile * dims + d, dims, left);
    Block::Tensor::wait_for_copies();
    block.sync();
    SquareSum of_first;
    multiply_add<true, true>(block, c, right, of_first);
    add(first, of_first);
    if (first != second) {
      SquareSum of_second;
      multiply_add<false, true>(block, c, left, of_second);
      add(second, of_second);
    }
    block.sync();
  }
}

}  // namespace rc
