// Sums of outer products over pixels, for weight gradients: sums(r, c) += the sum over pixels p of rows(p, r)
// * columns(p, c). Each is one chain of fma over the pixels in order, whatever number of threads share them.
#pragma once

#include "engine/host/tiles.h"

namespace rc {

using Pixels = Range;  // counted over all images

// One side of the products: an activation's channels, seen pixel by pixel.
struct Side {
  const float* data;
  Stored at;
  int64_t channels;
  int64_t first = 0;  // of its vectors, the one that data begins with

  const float* from(int64_t vector) const { return data + (vector - first) * at.vector; }
};

struct OuterProducts {
  static constexpr int64_t kRows = 8;  // of a tile; rows.channels is a multiple

  Side rows, columns;
  float* sums;   // [rows.channels, columns.channels]
  int64_t step;  // from row to row

  int64_t row_tiles() const { return rows.channels / kRows; }
  Panels panels() const { return {columns.channels}; }
  // What threads share: a vector of columns by a tile's rows is a piece. Their tiles, panel by panel.
  int64_t pieces() const { return panels().vectors() * row_tiles(); }
  Range row_tiles_of(int64_t panel, Range pieces) const {
    const int64_t before = panels().begin(panel) * row_tiles(), width = panels().width(panel);
    const auto row_tile = [&](int64_t piece) {
      return std::clamp((piece - before + width - 1) / width, int64_t(0), row_tiles());
    };
    return {row_tile(pieces.first), row_tile(pieces.end)};
  }
};

// Adds what these pixels give to a thread's pieces; the first ones begin the sums. floats come from wherever
// they lie, so the tiles ask the caches for the pixels that follow.
void add_products(const OuterProducts&, Factors, Range pieces, Pixels, bool first);

// Sums of the form [taps, C, K] as a filter's gradient [K, taps, C].
void transpose_sums(const float* sums, int64_t taps, int64_t c, int64_t k, float* dw);

}  // namespace rc
