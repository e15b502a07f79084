// Sums over pixels. Included by bodies alone.
#pragma once

#include "kernels/registers.h"
#include "kernels/runs.h"

namespace rc {

// n sums of each channel over the pixels of a tile: those of a run in float, those of runs in double. The
// kernel has tile_grid(shape) and kTileSumsShared<n>, at `sums`. of_channels(width, c) is asked once a run,
// for a few channels from c on, counted in the tile, and returns add(at, ahead, some), which adds to the n
// Values of `some` what a pixel has, `at` the place in memory of its channels, `ahead` that of what to
// expect. put(i, c, sum) takes sum i of channel c.
template <class T, int n, class Block, class OfChannels, class Put>
RC_INLINE void sum_tile(Block& block, const Tile& tile, float* sums, OfChannels of_channels, Put put) {
  each_run<T, (n > 1 ? 2 : 8)>(block, tile, [&](auto width, const Run& run) {
    typename decltype(width)::Type some[n];
    unrolled<n>([&](auto i) RC_WRITTEN_OUT { some[i] = width.of(0); });
    const auto add = of_channels(width, run.channel);
    for (int64_t i = 0; i < run.pixels; ++i)
      add(run.begin + i * tile.stride, run.ahead + i * tile.width, some);
    unrolled<n>([&](auto i) RC_WRITTEN_OUT {
      write_floats(width, sums + i * kTileRows + run.index * tile.width + run.channel, some[i]);
    });
  });
  block.sync();
  for (int64_t k = block.lane(); k < n * tile.width; k += block.lanes()) {
    const int64_t i = k / tile.width, c = k % tile.width;
    double total = 0;
    for (int64_t r = 0; r < tile.runs(); ++r) total += double(sums[i * kTileRows + r * tile.width + c]);
    put(i, c, total);
  }
}

// One sum of each channel over the pixels of an image. The kernel has pixel_sums_grid(shape) and
// kPixelSumsShared. term(width, at) is a pixel's, and put(at, sum) takes that of n * C + c.
template <class T, class Block, class Term, class Put>
RC_INLINE void sum_pixels(Block& block, const Channels& shape, Term term, Put put) {
  float* sums = block.template shared<float>(kTileRows);
  double* totals = block.template shared<double>(kTileChannels);
  const int64_t across = tiles_across(shape);
  const int64_t image = block.index() / across, column = block.index() % across;
  const int64_t per_image = chunks_per_image(shape);
  const Tile first = tile_at(shape, image, 0, column);  // all chunks have its channels
  for (int64_t j = 0; j < per_image; ++j) {
    const Tile tile = tile_at(shape, image, j, column);
    sum_tile<T, 1>(
        block, tile, sums,
        [&](auto width, int64_t) RC_WRITTEN_OUT {
          return [=](int64_t at, int64_t, auto& sum) RC_WRITTEN_OUT { sum[0] = sum[0] + term(width, at); };
        },
        [&](int64_t, int64_t c, double total) { totals[c] = j == 0 ? total : totals[c] + total; });
    block.sync();
  }
  for (int64_t c = block.lane(); c < first.width; c += block.lanes())
    put(image * shape.channels + first.channel + c, totals[c]);
}

}  // namespace rc
