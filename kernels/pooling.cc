#include "kernels/pooling.h"

#include "engine/block.h"
#include "kernels/math.h"
#include "kernels/pixel_sums.h"

namespace rc {

// A pixel's row and column, walked along an image without a division a pixel.
struct Position {
  int64_t row, column, width;

  RC_INLINE Position(int64_t pixel, int64_t width_of_image)
      : row(pixel / width_of_image), column(pixel % width_of_image), width(width_of_image) {}
  RC_INLINE void advance() {
    if (++column == width) column = 0, ++row;
  }
};

// Places first .. last: of a window inside the image, or of windows over a pixel.
struct Range {
  int32_t first, last;
};
RC_INLINE Range inside(int64_t start, int64_t kernel, int64_t size) {
  return {int32_t(max(-start, int64_t(0))), int32_t(min(kernel, size - start) - 1)};
}
template <class Stride>
RC_INLINE Range windows_over(int64_t padded, int64_t kernel, Stride stride, int64_t outputs) {
  const auto at = int32_t(padded);
  return {max(at - int32_t(kernel) + stride, 0) / stride, min(at / stride, int32_t(outputs) - 1)};
}

// How many columns of the smaller side before their turn the CPU asks for memory.
inline constexpr int64_t kColumnsAhead = 8;

template <class T>
template <class Block>
RC_HD void MaxPool<T>::operator()(Block block) const {
  const Tile tile = tile_at(pool.out(), block.index());
  const Channels in = pool.in();
  const int64_t first_pixel = tile.chunk % chunks_per_image(pool.out()) * kTilePixels;
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const T* image = x + in.at(tile.image, 0, tile.channel + run.channel);
    Position at(first_pixel + run.index * kRunPixels, pool.out_width());
    for (int64_t i = 0; i < run.pixels; ++i, at.advance()) {
      const int64_t top = at.row * pool.stride - pool.pad, left = at.column * pool.stride - pool.pad;
      const Range rows = inside(top, pool.kernel, pool.height),
                  columns = inside(left, pool.kernel, pool.width);
      const int64_t next = left + kColumnsAhead * pool.stride;  // columns that a later window has alone
      for (int64_t r = rows.first; r <= rows.last; ++r)
        for (int64_t s = next; s < next + pool.stride; ++s)
          expect_ahead(width, image + ((top + r) * pool.width + s) * tile.stride);
      auto best = width.of(float_of(0xff800000u));
      auto place = width.of(float(rows.first * pool.kernel + columns.first));
      for (int64_t r = rows.first; r <= rows.last; ++r)
        for (int64_t s = columns.first; s <= columns.last; ++s) {
          const T* from = image + ((top + r) * pool.width + left + s) * tile.stride;
          take_greater(best, place, read(width, from), float(r * pool.kernel + s));
        }
      write(width, y + run.begin + i * tile.stride, best);
      if (argmax != nullptr) write(width, argmax + run.begin + i * tile.stride, place);
    }
  });
}

// Stride: a Constant or an int32_t; it divides twice a pixel.
template <class T, class Block, class Stride>
RC_INLINE void gather(const MaxPoolBackward<T>& k, const Block& block, Stride stride) {
  const Pooling pool = k.pool;
  const T* dy = k.dy;
  const uint8_t* argmax = k.argmax;
  T* dx = k.dx;
  const Tile tile = tile_at(pool.in(), block.index());
  const Channels out = pool.out();
  const int64_t first_pixel = tile.chunk % chunks_per_image(pool.in()) * kTilePixels;
  const int64_t out_height = pool.out_height(), out_width = pool.out_width();
  const bool scattered = tile.stride != tile.width;  // what follows in memory comes by itself
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const int64_t image = out.at(tile.image, 0, tile.channel + run.channel);
    Position at(first_pixel + run.index * kRunPixels, pool.width);
    for (int64_t i = 0; i < run.pixels; ++i, at.advance()) {
      const int64_t h = at.row + pool.pad, w = at.column + pool.pad;
      const Range rows = windows_over(h, pool.kernel, stride, out_height),
                  columns = windows_over(w, pool.kernel, stride, out_width);
      for (int64_t r = rows.first; scattered && r <= rows.last; ++r) {
        const int64_t ahead = image + (r * out_width + w / stride + kColumnsAhead) * tile.stride;
        expect_ahead(width, dy + ahead);
        expect_ahead(width, argmax + ahead);
      }
      auto total = width.of(0);
      for (int64_t r = rows.first; r <= rows.last; ++r)
        for (int64_t s = columns.first; s <= columns.last; ++s) {
          const int64_t from = image + (r * out_width + s) * tile.stride;
          const int64_t place = (h - r * stride) * pool.kernel + w - s * stride;
          total = total + where_equal(read(width, argmax + from), float(place), read(width, dy + from));
        }
      write(width, dx + run.begin + i * tile.stride, total);
    }
  });
}

template <class T>
template <class Block>
RC_HD void MaxPoolBackward<T>::operator()(Block block) const {
  pool.stride == 2 ? gather(*this, block, Constant<2>()) : gather(*this, block, int32_t(pool.stride));
}

template <class T>
template <class Block>
RC_HD void SumPixels<T>::operator()(Block block) const {
  sum_pixels<T>(
      block, shape, [this](auto width, int64_t at) RC_WRITTEN_OUT { return read(width, x + at); },
      [&](int64_t at, double total) { out[at] = float(total * double(scale)); });
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

// Budget: registers of a thread, bytes of shared memory of a block.
//   MaxPool<float>          104     0
//   MaxPool<Bf16>            96     0
//   MaxPoolBackward<float>  128     0
//   MaxPoolBackward<Bf16>   112     0
//   SumPixels<float>         80  2560
//   SumPixels<Bf16>          72  2560
//   SpreadPixels<float>      64     0
//   SpreadPixels<Bf16>       56     0

}  // namespace rc
