#include "kernels/pooling.h"

#include "engine/block.h"
#include "kernels/math.h"
#include "kernels/runs.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void MaxPool<T>::operator()(Block block) const {
  const Tile tile = tile_at(pool.out(), block.index());
  const Channels in = pool.in();
  const int64_t first_pixel = tile.chunk % chunks_per_image(pool.out()) * kTilePixels;
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const T* image = x + in.at(tile.image, 0, tile.channel + run.channel);
    for (int64_t i = 0; i < run.pixels; ++i) {
      const int64_t p = first_pixel + run.index * kRunPixels + i;
      const int64_t top = p / pool.out_width() * pool.stride - pool.pad;
      const int64_t left = p % pool.out_width() * pool.stride - pool.pad;
      const int64_t r0 = max(-top, int64_t(0)), r1 = min(pool.kernel, pool.height - top);
      const int64_t s0 = max(-left, int64_t(0)), s1 = min(pool.kernel, pool.width - left);
      auto best = width.of(float_of(0xff800000u)), place = width.of(float(r0 * pool.kernel + s0));
      for (int64_t r = r0; r < r1; ++r)
        for (int64_t s = s0; s < s1; ++s) {
          const int64_t at = (top + r) * pool.width + left + s;
          take_greater(best, place, read(width, image + at * tile.stride), float(r * pool.kernel + s));
        }
      write(width, y + run.begin + i * tile.stride, best);
      if (argmax != nullptr) write(width, argmax + run.begin + i * tile.stride, place);
    }
  });
}

template <class T>
template <class Block>
RC_HD void MaxPoolBackward<T>::operator()(Block block) const {
  const Tile tile = tile_at(pool.in(), block.index());
  const Channels out = pool.out();
  const int64_t first_pixel = tile.chunk % chunks_per_image(pool.in()) * kTilePixels;
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const int64_t image = out.at(tile.image, 0, tile.channel + run.channel);
    for (int64_t i = 0; i < run.pixels; ++i) {
      const int64_t p = first_pixel + run.index * kRunPixels + i;
      const int64_t h = p / pool.width + pool.pad, w = p % pool.width + pool.pad;  // in the padded image
      const int64_t top =
          max(h - pool.kernel + pool.stride, int64_t(0)) / pool.stride;  // first window over h
      const int64_t left = max(w - pool.kernel + pool.stride, int64_t(0)) / pool.stride;
      const int64_t bottom = min(h / pool.stride, pool.out_height() - 1);
      const int64_t right = min(w / pool.stride, pool.out_width() - 1);
      auto total = width.of(0);
      for (int64_t r = top; r <= bottom; ++r)
        for (int64_t s = left; s <= right; ++s) {
          const int64_t at = image + (r * pool.out_width() + s) * tile.stride;
          const int64_t place = (h - r * pool.stride) * pool.kernel + w - s * pool.stride;
          total = total + where_equal(read(width, argmax + at), float(place), read(width, dy + at));
        }
      write(width, dx + run.begin + i * tile.stride, total);
    }
  });
}

template <class T>
template <class Block>
RC_HD void SumPixels<T>::operator()(Block block) const {
  float* sums = block.template shared<float>(kTileRows);
  double* totals = block.template shared<double>(kTileChannels);
  const int64_t across = tiles_across(shape);
  const int64_t image = block.index() / across, column = block.index() % across;
  Tile tile;
  for (int64_t j = 0; j < chunks_per_image(shape); ++j) {
    tile = tile_at(shape, (image * chunks_per_image(shape) + j) * across + column);
    each_run<T>(block, tile, [&](auto width, const Run& run) {
      auto total = width.of(0);
      for (int64_t i = 0; i < run.pixels; ++i) total = total + read(width, x + run.begin + i * tile.stride);
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
  for (int64_t c = block.lane(); c < tile.width; c += block.lanes())
    out[image * shape.channels + tile.channel + c] = float(totals[c] * double(scale));
}

template <class T>
template <class Block>
RC_HD void SpreadPixels<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const float* row = dy + tile.image * shape.channels + tile.channel + run.channel;
    const auto v = read_floats(width, row) * width.of(scale);
    for (int64_t i = 0; i < run.pixels; ++i) write(width, dx + run.begin + i * tile.stride, v);
  });
}

template void enter<Target::RC_TARGET>(const MaxPool<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MaxPool<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MaxPoolBackward<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MaxPoolBackward<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPixels<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPixels<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SpreadPixels<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SpreadPixels<Bf16>&, const Grid&, void*);

}  // namespace rc
