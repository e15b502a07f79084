#include "kernels/batch_norm.h"

#include "engine/block.h"
#include "kernels/affine.h"
#include "kernels/moments.h"
#include "kernels/registers.h"
#include "kernels/runs.h"
#include "kernels/streams.h"

namespace rc {

// image_scale of a tile's image.
template <class Kernel>
RC_INLINE float image_scale_of(const Kernel& kernel, const Tile& tile) {
  return kernel.image_scale != nullptr ? kernel.image_scale[tile.image] : 1;
}

inline constexpr int kAtOnce = 4;  // pixels that are read but once, in registers

template <class T>
template <class Block>
RC_HD void BatchNormPartial<T>::operator()(Block block) const {
  float* means = block.template shared<float>(kTileRows);
  float* deviances = block.template shared<float>(kTileRows);
  const Tile tile = tile_at(shape, block.index());
  each_run<T, 4>(block, tile, [&](auto width, const Run& run) {
    Moments<decltype(width)> moments;
    typename decltype(width)::Type v[kAtOnce];
    const auto pixel = [&](int64_t i) RC_WRITTEN_OUT {
      expect_ahead(width, x + run.ahead + i * tile.width);
      return read(width, x + run.begin + i * tile.stride);
    };
    int64_t i = 0;
    for (; i + kAtOnce <= run.pixels; i += kAtOnce) {
      unrolled<kAtOnce>([&](auto j) RC_WRITTEN_OUT { v[j] = pixel(i + j); });
      moments.add(v, kAtOnce);
    }
    if (const auto left = int(run.pixels - i); left > 0) {
      unrolled<kAtOnce>([&](auto j) RC_WRITTEN_OUT { v[j] = j < left ? pixel(i + j) : width.of(0); });
      moments.add(v, left);
    }
    write_floats(width, means + run.index * tile.width + run.channel, moments.mean);
    write_floats(width, deviances + run.index * tile.width + run.channel, moments.squares);
  });
  block.sync();
  // Neighbours whose runs a lane joins at once; what it computes behind the last of a tile is left.
  constexpr int n = kVectorFloats < Block >> 0 ? 8 : 1;
  const int64_t runs = tile.runs();
  for (int64_t c = block.lane() * n; c < tile.width; c += block.lanes() * n) {
    double centre[n] = {}, squares[n] = {};
    for (int64_t r = 0; r < runs; ++r) {
      const auto size = double(tile.run_pixels(r));
      RC_UNROLL
      for (int k = 0; k < n; ++k) centre[k] += size * double(means[r * tile.width + c + k]);
    }
    RC_UNROLL
    for (int k = 0; k < n; ++k) centre[k] /= double(tile.pixels);
    for (int64_t r = 0; r < runs; ++r) {
      const auto size = double(tile.run_pixels(r));
      RC_UNROLL
      for (int k = 0; k < n; ++k) {
        const double away = double(means[r * tile.width + c + k]) - centre[k];
        squares[k] += double(deviances[r * tile.width + c + k]) + size * away * away;
      }
    }
    for (int k = 0; k < n && c + k < tile.width; ++k) {
      const int64_t at = tile.chunk * shape.channels + tile.channel + c + k;
      mean[at] = float(centre[k]);
      deviance[at] = float(squares[k]);
    }
  }
}

template <class Block>
RC_HD void BatchNormStatistics::operator()(Block block) const {
  const int64_t c = block.index(), per_image = chunks.per_image(), all = chunks.count();
  const double count = double(chunks.images * chunks.pixels);
  const auto each_chunk = [&](auto visit) {
    for (int64_t i = block.lane(), j = i % per_image; i < all; i += block.lanes(), j += block.lanes()) {
      while (j >= per_image) j -= per_image;
      visit(i * channels + c, double(chunks.size(j)));
    }
  };
  double total = 0, squares = 0;
  each_chunk([&](int64_t at, double size) { total += size * double(partial_mean[at]); });
  const double centre = block.sum(total) / count;
  each_chunk([&](int64_t at, double size) {
    const double away = double(partial_mean[at]) - centre;
    squares += double(partial_deviance[at]) + size * away * away;
  });
  squares = block.sum(squares);
  if (block.lane() != 0) return;
  mean[c] = float(centre);
  rstd[c] = float(1 / sqrt(squares / count + double(eps)));
  if (running_mean == nullptr) return;
  const float unbiased = count > 1 ? float(squares / (count - 1)) : 0;
  running_mean[c] = (1 - momentum) * running_mean[c] + momentum * float(centre);
  running_var[c] = (1 - momentum) * running_var[c] + momentum * unbiased;
}

template <class Block>
RC_HD void ReciprocalStd::operator()(Block block) const {
  for (int64_t i = block.lane(); i < n; i += block.lanes())
    rstd[i] = float(1 / sqrt(double(var[i]) + double(eps)));
}

template <class T>
template <class Block>
RC_HD void BatchNormApply<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  const float of_image = image_scale_of(*this, tile);
  const bool past = past_caches && pixels_begin_lines(y + tile.begin, tile.stride);
  const auto apply = [&](auto may_add, auto activate) RC_WRITTEN_OUT {
    each_run<T>(block, tile, [&](auto width, const Run& run) {
      ChannelAffine affine(width, *this, tile.channel + run.channel);
      affine.scale = affine.scale * width.of(of_image);
      affine.shift = affine.shift * width.of(of_image);
      for (int64_t i = 0; i < run.pixels; ++i) {
        const int64_t at = run.begin + i * tile.stride, ahead = run.ahead + i * tile.width;
        expect_ahead(width, x + ahead);
        auto v = affine(read(width, x + at));
        if constexpr (may_add != 0)
          if (residual != nullptr) {
            expect_ahead(width, residual + ahead);
            v = v + read(width, residual + at);
          }
        write(width, y + at, activate(width, v), past);
      }
    });
  };
  if (activation == Activation::silu)
    return apply(Constant<0>(), [](auto, const auto& v) RC_WRITTEN_OUT { return silu(v); });
  const float least = activation == Activation::relu ? 0 : float_of(0xff800000u);  // 0 or -infinity
  apply(Constant<1>(),
        [least](auto width, const auto& v) RC_WRITTEN_OUT { return at_least(v, width.of(least)); });
}

// What the gradient passes through on its way back: nothing, the ReLU's mask taken from x or from y, or
// SiLU's derivative. Known when the pixel loops are compiled, so that they hold no branch.
enum class Passes { all, where_x, where_y, silu };

template <class Kernel, class Body>
RC_INLINE void with_activation(const Kernel& kernel, Body body) {
  if (kernel.activation == Activation::none) {
    body(std::integral_constant<Passes, Passes::all>());
  } else if (kernel.activation == Activation::silu) {
    body(std::integral_constant<Passes, Passes::silu>());
  } else if (kernel.y == nullptr) {
    body(std::integral_constant<Passes, Passes::where_x>());
  } else {
    body(std::integral_constant<Passes, Passes::where_y>());
  }
}

// dy behind the activation, at one pixel, where x is given.
template <Passes passes, class W, class T>
RC_INLINE typename W::Type passed(W width, const T* dy, const T* y, const ChannelAffine<W>& affine,
                                  const typename W::Type& x) {
  const auto g = read(width, dy);
  if constexpr (passes == Passes::where_x) return where_positive(affine(x), g);
  if constexpr (passes == Passes::where_y) return where_positive(read(width, y), g);
  if constexpr (passes == Passes::silu) return g * silu_slope(affine(x));
  return g;
}

template <class T>
template <class Block>
RC_HD void BatchNormBackwardPartial<T>::operator()(Block block) const {
  float* sums = block.template shared<float>(kTileRows);
  float* dots = block.template shared<float>(kTileRows);
  const Tile tile = tile_at(shape, block.index());
  const float of_image = image_scale_of(*this, tile);
  with_activation(*this, [&](auto passes) {
    each_run<T>(block, tile, [&](auto width, const Run& run) {
      const ChannelAffine affine(width, *this, tile.channel + run.channel);
      auto total = width.of(0), product = width.of(0);
      for (int64_t i = 0; i < run.pixels; ++i) {
        const int64_t at = run.begin + i * tile.stride, ahead = run.ahead + i * tile.width;
        expect_ahead(width, x + ahead);
        const auto v = read(width, x + at);
        expect_ahead(width, dy + ahead);
        if constexpr (decltype(passes)::value == Passes::where_y) expect_ahead(width, y + ahead);
        const auto g = passed<decltype(passes)::value>(width, dy + at, y + at, affine, v);
        total = total + g;
        product = fma(g, v - affine.mean, product);
      }
      const auto scale = width.of(of_image);
      write_floats(width, sums + run.index * tile.width + run.channel, total * scale);
      write_floats(width, dots + run.index * tile.width + run.channel, product * scale);
    });
  });
  block.sync();
  for (int64_t c = block.lane(); c < tile.width; c += block.lanes()) {
    double total = 0, product = 0;
    for (int64_t r = 0; r < tile.runs(); ++r) {
      total += double(sums[r * tile.width + c]);
      product += double(dots[r * tile.width + c]);
    }
    const int64_t at = tile.chunk * shape.channels + tile.channel + c;
    sum[at] = float(total);
    dot[at] = float(product);
  }
}

template <class Block>
RC_HD void BatchNormBackwardReduce::operator()(Block block) const {
  const int64_t c = block.index(), rows = chunks(shape);
  double total = 0, product = 0;
  for (int64_t r = block.lane(); r < rows; r += block.lanes()) {
    total += double(sum[r * shape.channels + c]);
    product += double(dot[r * shape.channels + c]);
  }
  total = block.sum(total);
  product = block.sum(product);
  if (block.lane() != 0) return;
  dbeta[c] = float(total);
  dgamma[c] = float(product * double(rstd[c]));
}

template <class T>
template <class Block>
RC_HD void BatchNormBackwardApply<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  const float of_image = image_scale_of(*this, tile);
  with_activation(*this, [&](auto passes) {
    each_run<T>(block, tile, [&](auto width, const Run& run) {
      const int64_t c = tile.channel + run.channel;
      const ChannelAffine affine(width, *this, c);
      const ThroughStatistics through(width, *this, affine, c);
      const auto by_g = affine.scale * width.of(of_image);
      for (int64_t i = 0; i < run.pixels; ++i) {
        const int64_t at = run.begin + i * tile.stride, ahead = run.ahead + i * tile.width;
        expect_ahead(width, x + ahead);
        const auto v = read(width, x + at);
        expect_ahead(width, dy + ahead);
        if constexpr (decltype(passes)::value == Passes::where_y) expect_ahead(width, y + ahead);
        const auto g = passed<decltype(passes)::value>(width, dy + at, y + at, affine, v);
        if (d_residual != nullptr) write(width, d_residual + at, g);
        write(width, dx + at, fma(by_g, g, through(v - affine.mean)));
      }
    });
  });
}

template void enter<Target::RC_TARGET>(const BatchNormPartial<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormPartial<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormStatistics&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ReciprocalStd&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormApply<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormApply<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormBackwardPartial<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormBackwardPartial<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormBackwardReduce&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormBackwardApply<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const BatchNormBackwardApply<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   BatchNormPartial<float>          88  4096
//   BatchNormPartial<Bf16>          120  4096
//   BatchNormStatistics              48   256
//   ReciprocalStd                    32     0
//   BatchNormApply<float>            72     0
//   BatchNormApply<Bf16>             80     0
//   BatchNormBackwardPartial<float> 104  4096
//   BatchNormBackwardPartial<Bf16>  128  4096
//   BatchNormBackwardReduce          40   256
//   BatchNormBackwardApply<float>    96     0
//   BatchNormBackwardApply<Bf16>    112     0

}  // namespace rc
