#include "kernels/pooling.h"

#include <type_traits>

#include "engine/block.h"
#include "kernels/affine.h"
#include "kernels/math.h"
#include "kernels/pixel_sums.h"
#include "kernels/streams.h"

namespace rc {

// Calls of_row(row)(column, i) for pixel first + i of an image, i < n: what all of a row have in common is
// computed once.
template <class OfRow>
RC_INLINE void each_row(int64_t first, int64_t n, int64_t width, OfRow of_row) {
  int64_t row = first / width, column = first % width;
  for (int64_t i = 0; i < n; column = 0, ++row) {
    const auto visit = of_row(row);
    for (const int64_t end = i + min(n - i, width - column); i < end; ++i, ++column) visit(column, i);
  }
}

// Places first .. last: of a window inside the image, or of windows over a pixel.
struct Places {
  int32_t first, last;
};
RC_INLINE Places inside(int64_t start, int64_t kernel, int64_t size) {
  return {int32_t(max(-start, int64_t(0))), int32_t(min(kernel, size - start) - 1)};
}
RC_INLINE Places windows_over(int64_t padded, int kernel, int stride, int64_t outputs) {
  const auto at = int32_t(padded);
  return {max(at - kernel + stride, 0) / stride, min(at / stride, int32_t(outputs) - 1)};
}

// How many windows before its turn the CPU asks for what a window has alone.
inline constexpr int kWindowsAhead = 24;

// usual: windows of 3x3, 2 apart, as ResNet and Xception have them. places: which pixel it was is wanted.
// before(width, channel) gives what x of these channels passes, behind(width, best) what the greatest does.
template <bool usual, bool places, class Kernel, class Block, class Before, class Behind>
RC_INLINE void take_greatest(const Kernel& k, const Block& block, Before before, Behind behind) {
  using T = std::remove_pointer_t<decltype(k.y)>;
  const Pooling pool = k.pool;
  const int kernel = usual ? 3 : int(pool.kernel), stride = usual ? 2 : int(pool.stride);
  const Tile tile = tile_at(pool.out(), block.index());
  const Channels in = pool.in();
  const int64_t first_pixel = tile.chunk % chunks_per_image(pool.out()) * kTilePixels;
  const int64_t pixel = tile.stride, line = pool.width * pixel;
  T* y = k.y;
  uint8_t* argmax = k.argmax;
  const bool past = k.past_caches && pixels_begin_lines(y + tile.begin, pixel);
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const T* image = k.x + in.at(tile.image, 0, tile.channel + run.channel);
    const auto seen = before(width, tile.channel + run.channel);
    each_row(first_pixel + run.index * kRunPixels, run.pixels, pool.out_width(), [&](int64_t row) {
      const int64_t top = row * stride - pool.pad;
      const Places rows = inside(top, kernel, pool.height);
      const int new_rows = max(rows.first, kernel - stride);  // the first that no window above has
      return [=, &pool](int64_t column, int64_t i) RC_WRITTEN_OUT {
        const int64_t left = column * stride - pool.pad;
        const Places columns = inside(left, kernel, pool.width);
        const T* window = image + top * line + left * pixel;
        for (int r = new_rows; r <= rows.last; ++r)
          for (int s = 0; s < stride; ++s)
            expect_ahead(width, window + r * line + (kWindowsAhead * stride + s) * pixel);
        auto best = width.of(float_of(0xff800000u));
        auto place = width.of(float(rows.first * kernel + columns.first));
        const auto look = [&](int r, int s) RC_WRITTEN_OUT {
          take_greater(best, place, seen(read(width, window + r * line + s * pixel)), float(r * kernel + s));
        };
        const int full = kernel - 1;
        if (usual && rows.last - rows.first == full && columns.last - columns.first == full) {
          unrolled<9>([&](auto j) RC_WRITTEN_OUT { look(j / 3, j % 3); });
        } else {
          for (int r = rows.first; r <= rows.last; ++r)
            for (int s = columns.first; s <= columns.last; ++s) look(r, s);
        }
        const int64_t to = run.begin + i * pixel;
        write(width, y + to, behind(width, best), past);
        if constexpr (places) write(width, argmax + to, place);
      };
    });
  });
}

template <class T>
template <class Block>
RC_HD void MaxPool<T>::operator()(Block block) const {
  const auto before = [](auto, int64_t)
                          RC_WRITTEN_OUT { return [](const auto& v) RC_WRITTEN_OUT { return v; }; };
  const auto behind = [](auto, const auto& v) RC_WRITTEN_OUT { return v; };
  const auto take = [&](auto usual) RC_WRITTEN_OUT {
    argmax != nullptr ? take_greatest<usual, true>(*this, block, before, behind)
                      : take_greatest<usual, false>(*this, block, before, behind);
  };
  pool.kernel == 3 && pool.stride == 2 ? take(Constant<1>()) : take(Constant<0>());
}

template <class T>
template <class Block>
RC_HD void MaxPoolOfNorm<T>::operator()(Block block) const {
  const auto before = [this](auto width, int64_t channel)
                          RC_WRITTEN_OUT { return ChannelAffine(width, norm, channel); };
  const float least = relu ? 0 : float_of(0xff800000u);  // 0 or -infinity
  const auto behind = [least](auto width, const auto& v)
                          RC_WRITTEN_OUT { return at_least(v, width.of(least)); };
  const auto take = [&](auto usual)
                        RC_WRITTEN_OUT { take_greatest<usual, true>(*this, block, before, behind); };
  pool.kernel == 3 && pool.stride == 2 ? take(Constant<1>()) : take(Constant<0>());
}

template <bool usual, class T, class Block>
RC_INLINE void gather(const MaxPoolBackward<T>& k, const Block& block) {
  const Pooling pool = k.pool;
  const int kernel = usual ? 3 : int(pool.kernel), stride = usual ? 2 : int(pool.stride);
  const Tile tile = tile_at(pool.in(), block.index());
  const Channels out = pool.out();
  const int64_t first_pixel = tile.chunk % chunks_per_image(pool.in()) * kTilePixels;
  const int64_t out_height = pool.out_height(), out_width = pool.out_width();
  const int64_t pixel = tile.stride, line = out_width * pixel;
  const T* dy = k.dy;
  const uint8_t* argmax = k.argmax;
  T* dx = k.dx;
  const bool past = k.past_caches && pixels_begin_lines(dx + tile.begin, pixel);
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const int64_t image = out.at(tile.image, 0, tile.channel + run.channel);
    each_row(first_pixel + run.index * kRunPixels, run.pixels, pool.width, [&](int64_t row) {
      const int64_t h = row + pool.pad;
      const Places rows = windows_over(h, kernel, stride, out_height);
      const int64_t first = image + rows.first * line, last = image + rows.last * line;
      const int down = rows.last - rows.first, of_row = int(h - rows.first * stride) * kernel;
      return [=, &pool](int64_t column, int64_t i) RC_WRITTEN_OUT {
        const auto w = int(column + pool.pad);
        const Places columns = windows_over(w, kernel, stride, out_width);
        const int64_t windows = first + columns.first * pixel;
        const int64_t ahead = last + (columns.last + kWindowsAhead) * pixel;
        expect_ahead(width, dy + ahead);
        expect_ahead(width, argmax + ahead);
        auto total = width.of(0);
        const int across = columns.last - columns.first, place = of_row + w - columns.first * stride;
        const auto add = [&](int r, int s) RC_WRITTEN_OUT {  // counted from the first window
          const int64_t from = windows + r * line + s * pixel;
          const auto here = float(place - (r * kernel + s) * stride);
          total = total + where_equal(read(width, argmax + from), here, read(width, dy + from));
        };
        if (usual && down >= 0 && across >= 0) {  // one or two either way
          add(0, 0);
          if (across > 0) add(0, 1);
          if (down > 0) add(1, 0);
          if (down > 0 && across > 0) add(1, 1);
        } else {
          for (int r = 0; r <= down; ++r)
            for (int s = 0; s <= across; ++s) add(r, s);
        }
        write(width, dx + run.begin + i * pixel, total, past);
      };
    });
  });
}

template <class T>
template <class Block>
RC_HD void MaxPoolBackward<T>::operator()(Block block) const {
  pool.kernel == 3 && pool.stride == 2 ? gather<true>(*this, block) : gather<false>(*this, block);
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
template void enter<Target::RC_TARGET>(const MaxPoolOfNorm<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MaxPoolOfNorm<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MaxPoolBackward<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MaxPoolBackward<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPixels<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumPixels<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SpreadPixels<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SpreadPixels<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   MaxPool<float>          104     0
//   MaxPool<Bf16>            96     0
//   MaxPoolOfNorm<float>    128     0
//   MaxPoolOfNorm<Bf16>     128     0
//   MaxPoolBackward<float>  128     0
//   MaxPoolBackward<Bf16>   112     0
//   SumPixels<float>         80  2560
//   SumPixels<Bf16>          72  2560
//   SpreadPixels<float>      64     0
//   SpreadPixels<Bf16>       56     0

}  // namespace rc
