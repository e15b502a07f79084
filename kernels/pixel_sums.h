// Sums over the pixels of an image, a block for the channels of a tile. Included by bodies alone.
#pragma once

#include "kernels/registers.h"
#include "kernels/runs.h"

namespace rc {

// Sums term(width, at) over the pixels of an image, `at` the place in memory of a few channels of a pixel,
// and calls put(n * C + c, sum) for each channel: runs of pixels in float, those in double. The kernel has
// pixel_sums_grid(shape) and kPixelSumsShared.
template <class T, class Block, class Term, class Put>
RC_INLINE void sum_pixels(Block& block, const Channels& shape, Term term, Put put) {
  float* sums = block.template shared<float>(kTileRows);
  double* totals = block.template shared<double>(kTileChannels);
  const int64_t across = tiles_across(shape);
  const int64_t image = block.index() / across, column = block.index() % across;
  const int64_t per_image = chunks_per_image(shape);
  const Tile first = tile_at(shape, image * per_image * across + column);  // all chunks have its channels
  for (int64_t j = 0; j < per_image; ++j) {
    const Tile tile = tile_at(shape, (image * per_image + j) * across + column);
    each_run<T>(block, tile, [&](auto width, const Run& run) {
      auto total = width.of(0);
      for (int64_t i = 0; i < run.pixels; ++i) total = total + term(width, run.begin + i * tile.stride);
      write_floats(width, sums + run.index * tile.width + run.channel, total);
    });
    block.sync();
    for (int64_t c = block.lane(); c < tile.width; c += block.lanes()) {
      double total = j == 0 ? 0 : totals[c];
      for (int64_t r = 0; r < tile.runs(); ++r) total += double(sums[r * tile.width + c]);
      totals[c] = total;
    }
    block.sync();
  }
  for (int64_t c = block.lane(); c < first.width; c += block.lanes())
    put(image * shape.channels + first.channel + c, totals[c]);
}

}  // namespace rc
