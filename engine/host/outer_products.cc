#include "engine/host/outer_products.h"

namespace rc {
namespace {

constexpr int64_t kRows = OuterProducts::kRows;

// What a tile asks the caches for while it works: pixels of both sides, from these on.
struct Ahead {
  const float *row, *column;
  int64_t row_step, column_step;
};

// kRows rows of a panel's sums, which stay in registers for all of the pixels.
template <Factors factors, int vectors>
RC_AVX512_INLINE void tile(const Stored& row_at, const float* row, const Stored& column_at,
                           const float* column, Pixels pixels, float* to, int64_t step, __mmask16 last,
                           bool first, Ahead ahead) {
  RC_UNROLL
  for (int r = 0; r < kRows; ++r) {
    RC_UNROLL
    for (int v = 0; v < vectors; ++v)
      __builtin_prefetch(to + (kRows + r) * step + v * kVector, 1);  // the next's
  }
  Sums<factors, kRows, vectors> sums;
  sums.clear();
  if (!first) {
    RC_UNROLL
    for (int r = 0; r < kRows; ++r) {
      RC_UNROLL
      for (int v = 0; v < vectors; ++v) sums.sum[r][v] = sums.read(to + r * step + v * kVector, v, last);
    }
  }
  const int64_t row_pixel = row_at.pixel, column_pixel = column_at.pixel, column_vector = column_at.vector;
  while (pixels.first < pixels.end) {  // row by row
    const int64_t n = pixels.first / row_at.pixels, p = pixels.first % row_at.pixels;
    int64_t left = std::min(pixels.end - pixels.first, row_at.pixels - p);
    pixels.first += left;
    const float *of_row = row + row_at.at(n, p, 0), *of_column = column + column_at.at(n, p, 0);
    const auto next = [&] { of_row += row_pixel, of_column += column_pixel; };
    for (; left >= 4; left -= 4) {
      RC_UNROLL
      for (int i = 0; i < 4; ++i, next()) {
        if (i < vectors) __builtin_prefetch(ahead.column + i * column_vector);
        if (i == 3) __builtin_prefetch(ahead.row);
        sums.add(of_row, 1, of_column, column_vector, last);
      }
      ahead.row += ahead.row_step, ahead.column += ahead.column_step;
    }
    for (; left > 0; --left, next()) sums.add(of_row, 1, of_column, column_vector, last);
  }
  RC_UNROLL
  for (int r = 0; r < kRows; ++r) {
    RC_UNROLL
    for (int v = 0; v < vectors; ++v) sums.write(to + r * step + v * kVector, v, last, sums.sum[r][v]);
  }
}

// A thread's tiles of a panel. Memory comes at its own pace, so each tile asks for some of what the next
// chunk has: the first four tiles for a quarter of the columns' pixels each, two tiles of four panels for a
// quarter of the rows' (16 channels are a line of memory).
template <Factors factors, int vectors>
RC_AVX512 void tiles(const OuterProducts& o, int64_t panel, int64_t nth_panel, Range row_tiles, Pixels pixels,
                     bool first) {
  const int64_t vector = o.panels().begin(panel), quarter = (pixels.end - pixels.first) / 4;
  const float* column = o.columns.from(vector);
  const auto later = [&](const Side& side, int64_t v, int64_t quarters) {
    const int64_t p = pixels.end + quarters * quarter;
    return side.from(v) + side.at.at(p / side.at.pixels, p % side.at.pixels, 0);
  };
  for (int64_t r = row_tiles.first; r < row_tiles.end; ++r) {
    const float* row = o.rows.from(r / 2) + r % 2 * kRows;
    Ahead ahead{row, column, 0, 0};
    if constexpr (factors == Factors::floats) {
      const int64_t nth = r - row_tiles.first, of_rows = nth_panel * 2 + r % 2;
      if (nth < 4) ahead.column = later(o.columns, vector, nth), ahead.column_step = o.columns.at.pixel;
      if (of_rows < 4) ahead.row = later(o.rows, r / 2, of_rows), ahead.row_step = o.rows.at.pixel;
    }
    tile<factors, vectors>(o.rows.at, row, o.columns.at, column, pixels,
                           o.sums + r * kRows * o.step + vector * kVector, o.step, o.panels().last(panel),
                           first, ahead);
  }
}

template <Factors factors>
void add(const OuterProducts& o, Range pieces, Pixels pixels, bool first) {
  const Panels panels = o.panels();
  int64_t nth_panel = 0;
  for (int64_t panel = 0; panel < panels.count(); ++panel) {
    const Range rows = o.row_tiles_of(panel, pieces);
    if (rows.empty()) continue;
    const int width = panels.width(panel);
    const auto run = width == 3 ? tiles<factors, 3> : width == 2 ? tiles<factors, 2> : tiles<factors, 1>;
    run(o, panel, nth_panel++, rows, pixels, first);
  }
}

}  // namespace

void add_products(const OuterProducts& o, Factors factors, Range pieces, Pixels pixels, bool first) {
  const auto run = factors == Factors::pairs ? add<Factors::pairs> : add<Factors::floats>;
  run(o, pieces, pixels, first);
}

void transpose_sums(const float* sums, int64_t taps, int64_t c, int64_t k, float* dw) {
  const int64_t blocks = (k + kVector - 1) / kVector;
  shared_out(blocks * taps, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const int64_t k0 = i / taps * kVector, tap = i % taps;
      for (int64_t c0 = 0; c0 < c; c0 += kVector) {
        const int64_t rows = std::min(kVector, c - c0);
        transpose(sums + (tap * c + c0) * k + k0, k, rows, std::min(kVector, k - k0),
                  dw + (k0 * taps + tap) * c + c0, taps * c, rows);
      }
    }
  });
}

}  // namespace rc
