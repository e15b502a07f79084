// Weight gradients of convolutions in bf16 with AVX512_BF16, whose instruction adds the products of two
// pixels at once.
#pragma once

#include "engine/device.h"
#include "engine/host/outer_products.h"

namespace rc {

// Pairs of pixels that follow each other in a row of y are brought side by side, chunk by chunk: rows of y,
// and for each column s of the filter the pixels of x that meet them. What a row r of the filter meets are
// then other rows of the same: padded row p * stride + r is the (p + r / stride)th of those that leave
// r % stride. Activations are NHWC, channels multiples of 8.
class PairedGradient : public Plan {
 public:
  explicit PairedGradient(const ConvDesc&);
  std::string engine() const override { return "own pairs:avx512_bf16"; }
  size_t workspace() const override;
  void run(const void* x, const void* dy, void* dw, void* workspace) override;

 private:
  struct Chunk {
    int64_t images, rows;  // of y
  };

  // Whether rows are channels of x, and sums [taps, C, K]: panels then are wide.
  bool transposed() const { return d_.k > d_.c && (d_.c < 64 || d_.r * d_.s == 1); }
  Panels rows() const { return {transposed() ? d_.c : d_.k}; }
  Panels columns() const { return {transposed() ? d_.k : d_.c}; }
  OuterProducts products(Side in, Side out, float* sums) const;

  // Vectors of a share's panels at most: its first and its last may be another's as well.
  int64_t most_columns() const { return std::min(columns().vectors(), columns().vectors() / threads_ + 6); }
  int64_t packed_size() const;  // of a share's chunk, in floats

  // Rows of x that a chunk meets and that leave `rest` when divided by the stride; all, for one column of the
  // filter; the first that row r of the filter meets.
  int64_t rows_that_leave(int64_t rest, const Chunk&) const;
  int64_t in_rows(const Chunk&) const;
  int64_t row_of(const Chunk&, int64_t r) const;
  // A chunk in order: 16 channels, image, row, pair; of x, for each column of the filter, before the row.
  Stored in_at(const Chunk&) const;
  Stored out_at(const Chunk&) const;

  void add_share(const Bf16* x, const Bf16* dy, Range pieces, float* packed, float* sums) const;
  // n, p: the chunk's first image and row; i counts its rows of x.
  void pack_row_of_x(const Bf16* x, const Chunk&, int64_t n, int64_t p, int64_t i, Range vectors,
                     float* to) const;
  void pack_row(const Bf16* row, int64_t first, int64_t stride, int64_t width, int64_t channels,
                Range vectors, int64_t vector, float* to) const;

  ConvDesc d_;
  int64_t pairs_, threads_;  // pairs of a row of y; threads, so shares of the work
  Chunk chunk_{};            // of most
};

}  // namespace rc
