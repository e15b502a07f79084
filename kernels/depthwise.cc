#include "kernels/depthwise.h"

#include "engine/block.h"
#include "kernels/depthwise_slab.h"
#include "kernels/moments.h"
#include "kernels/streams.h"

namespace rc {

// Neighbouring results of a row that a lane computes at once.
template <class Block>
inline constexpr int kStrip = kWholeRows<Block> ? 8 : 4;

// The rows that a row of results is made of, for one group of channels, each with a row of the filter.
template <class T>
struct Lines {
  const T* line;            // column 0 of the first
  const float* taps;        // of the first, for the same channels
  int64_t next, next_taps;  // step to the next row
  int64_t pixel, channels;  // step to the next column, and tap
  int32_t count, width;     // rows, columns
};

// A lane's results, for as many channels as W says: column i of a row meets result j with tap offset + i *
// by_column + j * by_result of the filter's row.
template <class W, int size, int strip, int columns, int offset, int by_column, int by_result>
struct Strip {
  typename W::Type sum[strip];

  // Columns left .. left + columns - 1 are wanted, as far as they exist.
  template <class In, class T>
  RC_INLINE Strip(const In& input, const Lines<T>& lines, int32_t left) {
    unrolled<strip>([&](auto j) RC_WRITTEN_OUT { sum[j] = W::of(0); });
    left >= 0 && left + columns <= lines.width ? add<true>(input, lines, left)
                                               : add<false>(input, lines, left);
  }

  template <bool inside, class In, class T>
  RC_INLINE void add(const In& input, const Lines<T>& lines, int32_t left) {
    const T* line = lines.line + left * lines.pixel;
    const float* taps = lines.taps;
    const int64_t pixel = lines.pixel, channels = lines.channels;
    const int32_t width = lines.width;
    RC_ROLLED
    for (int32_t r = 0; r < lines.count; ++r, line += lines.next, taps += lines.next_taps) {
      typename W::Type tap[size];
      unrolled<size>([&](auto s) RC_WRITTEN_OUT { tap[s] = read(W(), taps + s * channels); });
      unrolled<columns>([&](auto i) RC_WRITTEN_OUT {
        if (!inside && !within(left + i, width)) return;
        const auto v = input(line + i * pixel);
        unrolled<strip>([&](auto j) RC_WRITTEN_OUT {
          constexpr int s = offset + i * by_column + j * by_result;
          if constexpr (s >= 0 && s < size) add_products(sum[j], v, tap[s]);
        });
      });
    }
  }

  // What follows the sums. bias: of the same channels.
  RC_INLINE void finish(const float* bias, Activation activation) {
    const auto shift = read_floats(W(), bias);
    const auto each = [&](auto activate) RC_WRITTEN_OUT {
      unrolled<strip>([&](auto j) RC_WRITTEN_OUT { sum[j] = activate(sum[j] + shift); });
    };
    if (activation == Activation::silu) return each([](const auto& v) RC_WRITTEN_OUT { return silu(v); });
    const float least = activation == Activation::relu ? 0 : float_of(0xff800000u);  // 0 or -infinity
    each([least](const auto& v) RC_WRITTEN_OUT { return at_least(v, W::of(least)); });
  }

  // Keeps results only where x is positive. line: column 0 of the row of x that the results belong to.
  template <class T>
  RC_INLINE void mask(const T* line, int64_t pixel, int32_t column, int32_t width) {
    line += column * pixel;
    unrolled<strip>([&](auto j) RC_WRITTEN_OUT {
      if (column + j < width) sum[j] = where_positive(read(W(), line + j * pixel), sum[j]);
    });
  }

  // line: column 0 of a row of y. The results are its columns from `column` on, as far as they exist.
  template <class T>
  RC_INLINE void put(T* line, int64_t pixel, int32_t column, int32_t width, bool past_caches) const {
    line += column * pixel;
    if (column + strip <= width) {
      unrolled<strip>([&](auto j) RC_WRITTEN_OUT { write(W(), line + j * pixel, sum[j], past_caches); });
    } else {
      unrolled<strip>([&](auto j) RC_WRITTEN_OUT {
        if (column + j < width) write(W(), line + j * pixel, sum[j], past_caches);
      });
    }
  }
};

template <class Block>
RC_HD void FilterByTaps::operator()(Block block) const {
  const int64_t first = block.index() * kTileChannels, all = size * size;
  const int64_t some = min(kTileChannels, channels - first);
  for (int64_t c = first + block.lane(); c < first + some; c += block.lanes())
    for (int64_t tap = 0; tap < all; ++tap) taps[tap * channels + c] = w[c * all + tap];
}

// The moments of a band, while its lanes gather them: lanes that keep the same channels have a slot each.
template <class T, class Block>
struct BandMoments {
  static constexpr int64_t all = DepthwiseWithMoments<T>::kHeld;

  float* counts;          // [slots, channels]; then means, then squares, `all` further on each
  int32_t own, channels;  // own: where this lane's slot begins

  // pixel: step from pixel to pixel.
  RC_INLINE static int64_t held(const Block& block, const Slab& slab, int64_t pixel) {  // in all slots
    return max(int64_t(1), block.lanes() / groups_of<T>(slab.width, pixel)) * slab.width;
  }
  RC_INLINE void begin(Block& block, const Slab& slab, int64_t pixel) {
    channels = int32_t(slab.width);
    own = block.lane() / int32_t(groups_of<T>(slab.width, pixel)) * channels;
    counts = block.template shared<float>(3 * all);
    const int64_t end = held(block, slab, pixel);
    for (int64_t i = block.lane(); i < end; i += block.lanes())
      counts[i] = counts[i + all] = counts[i + 2 * all] = 0;
    block.sync();
  }
  // Joins the first n of this lane's results for a few channels from k on.
  template <class W, int most>
  RC_INLINE void add(W some, int64_t k, const typename W::Type (&results)[most], int n) const {
    float* at = counts + own + k;
    Moments<W> moments{at[0], read_floats(some, (const float*)at + all),
                       read_floats(some, (const float*)at + 2 * all)};
    moments.add(results, n);
    write_floats(some, at, W::of(moments.count));
    write_floats(some, at + all, moments.mean);
    write_floats(some, at + 2 * all, moments.squares);
  }
  // All slots' together: the band's, a row of so many channels.
  RC_INLINE void join(Block& block, const Slab& slab, int64_t pixel, int64_t of_all, float* means,
                      float* deviances) const {
    block.sync();
    const int64_t end = held(block, slab, pixel);
    for (int64_t c = block.lane(); c < channels; c += block.lanes()) {
      double count = 0, total = 0, squares = 0;
      for (int64_t i = c; i < end; i += channels)
        count += double(counts[i]), total += double(counts[i]) * double(counts[i + all]);
      const double centre = total / count;
      for (int64_t i = c; i < end; i += channels) {
        const double away = double(counts[i + all]) - centre;
        squares += double(counts[i + 2 * all]) + double(counts[i]) * away * away;
      }
      means[slab.band * of_all + slab.channel + c] = float(centre);
      deviances[slab.band * of_all + slab.channel + c] = float(squares);
    }
  }
};

template <class Kernel>
inline constexpr bool kGathers = false;
template <class T>
inline constexpr bool kGathers<DepthwiseWithMoments<T>> = true;

template <int size, int stride, int before, class T, class Kernel, class Block>
RC_INLINE void convolve(const Kernel& kernel, Block& block) {
  constexpr bool gathers = kGathers<Kernel>;
  constexpr int strip = kStrip<Block>, columns = (strip - 1) * stride + size;
  const Slab slab(bands_out(kernel.conv), block.index());
  const Rows x = rows_in(kernel.conv, slab), y = rows_out(kernel.conv, slab);
  const int32_t pad = int32_t(kernel.conv.pad), parts = kWholeRows<Block> ? 1 : (y.width + strip - 1) / strip;
  const int64_t channels = kernel.conv.channels;
  BandMoments<T, Block> band;
  if constexpr (gathers) band.begin(block, slab, y.pixel);
  const auto convolve_strips = [&](auto some, int64_t item, int64_t k) RC_WRITTEN_OUT {
    const int32_t row = slab.row + int32_t(item) / parts, n = row / y.height, p = row % y.height;
    const int32_t first = int32_t(item) % parts * strip, last = kWholeRows<Block> ? y.width : first + strip;
    const int32_t top = p * stride - pad, r = max(0, -top);  // the filter's first row that meets x
    const Lines<T> lines{kernel.x + x.at(n, top + r, k),
                         kernel.taps + r * size * channels + slab.channel + k,
                         x.line,
                         size * channels,
                         x.pixel,
                         channels,
                         min(size, x.height - top) - r,
                         x.width};
    const Input<before, decltype(some)> input(some, kernel, slab.channel + k);
    T* out = kernel.y + y.at(n, p, k);
    const bool past = kernel.past_caches && pixels_begin_lines(out, y.pixel);
    for (int32_t q = first; q < last; q += strip) {
      if constexpr (kWholeRows<Block>) {
        const T* bottom = lines.line + (lines.count - 1) * x.line + ((q + kAhead) * stride - pad) * x.pixel;
        for (int up = 0; up < stride; ++up)  // the rows that the next of y has alone
          expect<strip * stride>(some, bottom - up * x.line, x.pixel);
        if (!past) expect<strip, true>(some, out + (q + kAhead) * y.pixel, y.pixel);
      }
      Strip<decltype(some), size, strip, columns, 0, 1, -stride> results(input, lines, q * stride - pad);
      if constexpr (gathers)
        band.add(some, k, results.sum, min(strip, y.width - q));
      else if (kernel.bias != nullptr)
        results.finish(kernel.bias + slab.channel + k, kernel.activation);
      results.put(out, y.pixel, q, y.width, past);
    }
  };
  each_group<T, gathers ? 1 : kGroupRegisters<T, Block>, gathers>(  // moments take registers as well
      block, slab.rows * parts, slab.width, y.pixel, convolve_strips, pixels_are_lines<T>(x));
  if constexpr (gathers) band.join(block, slab, y.pixel, channels, kernel.mean, kernel.deviance);
}

template <class T>
template <class Block>
RC_HD void DepthwiseForward<T>::operator()(Block block) const {
  if (norm.mean != nullptr) return convolve<3, 1, kNorm, T>(*this, block);
  with_geometry(
      conv, [&](auto size, auto stride, auto before) { convolve<size, stride, before, T>(*this, block); });
}

template <class T>
template <class Block>
RC_HD void DepthwiseWithMoments<T>::operator()(Block block) const {
  with_geometry(conv, [&](auto size, auto stride, auto before) {
    if constexpr (before == kNothing) convolve<size, stride, before, T>(*this, block);
  });
}

// odd: pad % stride. Row h of dx is row h + pad of the padded image; its tap r comes from row (h + pad - r) /
// stride of dy, where that is whole. Columns likewise.
template <int size, int stride, int odd, int relu, class T, class Block>
RC_INLINE void convolve_back(const DepthwiseDataGradient<T>& kernel, const Block& block) {
  constexpr int strip = kStrip<Block>;
  constexpr int before =
      (size - 1 - odd) / stride;  // columns of dy left of the one that tap `odd` comes from
  constexpr int columns = before + (strip - 1 + odd) / stride + 1;
  const Slab slab(bands_in(kernel.conv), block.index());
  const Rows x = rows_in(kernel.conv, slab), y = rows_out(kernel.conv, slab);
  const int32_t pad = int32_t(kernel.conv.pad), parts = kWholeRows<Block> ? 1 : (x.width + strip - 1) / strip;
  const int64_t channels = kernel.conv.channels;
  const auto convolve_strips = [&](auto some, int64_t item, int64_t k) {
    const int32_t row = slab.row + int32_t(item) / parts, n = row / x.height, h = row % x.height;
    const int32_t first = int32_t(item) % parts * strip, last = kWholeRows<Block> ? x.width : first + strip;
    const int32_t p = min((h + pad) / stride, y.height - 1), r = h + pad - p * stride;  // the first that meet
    const Lines<T> lines{kernel.dy + y.at(n, p, k),
                         kernel.taps + r * size * channels + slab.channel + k,
                         -y.line,
                         stride * size * channels,
                         y.pixel,
                         channels,
                         r < size ? min((size - 1 - r) / stride, p) + 1 : 0,
                         y.width};
    const Input<kNothing, decltype(some)> input(some, kernel, slab.channel + k);
    T* out = kernel.dx + x.at(n, h, k);
    const bool past = kernel.past_caches && pixels_begin_lines(out, x.pixel);
    for (int32_t w = first; w < last; w += strip) {
      if constexpr (kWholeRows<Block>) {
        expect<strip / stride>(some, lines.line + (w + kAhead) / stride * y.pixel, y.pixel);
        if (!past) expect<strip, true>(some, out + (w + kAhead) * x.pixel, x.pixel);
        if constexpr (relu != 0)
          expect<strip>(some, kernel.x + x.at(n, h, k) + (w + kAhead) * x.pixel, x.pixel);
      }
      Strip<decltype(some), size, strip, columns, odd + stride * before, -stride, 1> results(
          input, lines, (w + pad) / stride - before);
      if constexpr (relu != 0) results.mask(kernel.x + x.at(n, h, k), x.pixel, w, x.width);
      results.put(out, x.pixel, w, x.width, past);
    }
  };
  each_group<T, kGroupRegisters<T, Block>>(block, slab.rows * parts, slab.width, x.pixel, convolve_strips,
                                           pixels_are_lines<T>(y));
}

template <class T>
template <class Block>
RC_HD void DepthwiseDataGradient<T>::operator()(Block block) const {
  with_geometry(conv, [&](auto size, auto stride, auto relu) {
    if constexpr (stride == 2) {
      if (conv.pad % 2 == 1) return convolve_back<size, stride, 1, relu>(*this, block);
    }
    convolve_back<size, stride, 0, relu>(*this, block);
  });
}

template void enter<Target::RC_TARGET>(const FilterByTaps&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseForward<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseForward<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseWithMoments<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseWithMoments<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseDataGradient<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseDataGradient<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   FilterByTaps                  40      0
//   DepthwiseForward<float>      160      0
//   DepthwiseForward<Bf16>       184      0
//   DepthwiseWithMoments<float>  208   6144
//   DepthwiseWithMoments<Bf16>   224  12288
//   DepthwiseDataGradient<float> 184      0
//   DepthwiseDataGradient<Bf16>  176      0

}  // namespace rc
