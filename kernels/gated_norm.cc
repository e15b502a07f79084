#include "kernels/gated_norm.h"

#include "engine/block.h"
#include "kernels/affine.h"
#include "kernels/pixel_sums.h"
#include "kernels/streams.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void GatedNormPartial<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  sum_tile<T, 1>(
      block, tile, block.template shared<float>(kTileRows),
      [&](auto width, int64_t c) RC_WRITTEN_OUT {
        const ChannelAffine affine(width, *this, tile.channel + c);
        return [this, width, affine](int64_t at, int64_t ahead, auto& sum) RC_WRITTEN_OUT {
          expect_ahead(width, x + ahead);
          sum[0] = sum[0] + silu(affine(read(width, x + at)));
        };
      },
      [&](int64_t, int64_t c, double total) {
        partial[tile.chunk * shape.channels + tile.channel + c] = float(total);
      });
}

template <class Block>
RC_HD void SumChunks::operator()(Block block) const {
  const int64_t image = block.index() / across(), first = block.index() % across() * kTileChannels;
  const int64_t some = min(kTileChannels, shape.channels - first), per_image = chunks_per_image(shape);
  for (int64_t c = first + block.lane(); c < first + some; c += block.lanes()) {
    double total = 0;
    for (int64_t j = 0; j < per_image; ++j)
      total += double(partial[(image * per_image + j) * shape.channels + c]);
    sums[image * shape.channels + c] = float(total * double(scale));
  }
}

template <class T>
template <class Block>
RC_HD void GatedNormApply<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  const bool past = past_caches && pixels_begin_lines(y + tile.begin, tile.stride);
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const int64_t c = tile.channel + run.channel;
    const ChannelAffine affine(width, *this, c);
    const auto scale = read_floats(width, gate + tile.image * shape.channels + c);
    for (int64_t i = 0; i < run.pixels; ++i) {
      const int64_t at = run.begin + i * tile.stride, ahead = run.ahead + i * tile.width;
      expect_ahead(width, x + ahead);
      write(width, y + at, silu(affine(read(width, x + at))) * scale, past);
    }
  });
}

template <class T>
template <class Block>
RC_HD void GatedNormBackwardPartial<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  sum_tile<T, 5>(
      block, tile, block.template shared<float>(5 * kTileRows),
      [&](auto width, int64_t c) RC_WRITTEN_OUT {
        const ChannelAffine affine(width, *this, tile.channel + c);
        return [this, width, affine](int64_t at, int64_t ahead, auto& sum) RC_WRITTEN_OUT {
          expect_ahead(width, x + ahead);
          expect_ahead(width, dy + ahead);
          const auto v = read(width, x + at), away = v - affine.mean, z = affine(v);
          auto g = read(width, dy + at), value = z, slope = z;
          silu_and_slope(z, value, slope);
          sum[0] = fma(g, value, sum[0]);
          g = g * slope;
          sum[1] = sum[1] + g;
          sum[2] = sum[2] + slope;
          sum[3] = fma(g, away, sum[3]);
          sum[4] = fma(slope, away, sum[4]);
        };
      },
      [&](int64_t i, int64_t c, double total) {
        partial[(i * chunks(shape) + tile.chunk) * shape.channels + tile.channel + c] = float(total);
      });
}

template <class Block>
RC_HD void GatedNormBackwardReduce::operator()(Block block) const {
  const int64_t rows = shape.images * shape.channels, first = block.index() * kTileChannels;
  const int64_t some = min(kTileChannels, shape.channels - first);
  for (int64_t c = first + block.lane(); c < first + some; c += block.lanes()) {
    double total = 0, product = 0;
    for (int64_t at = c; at < rows; at += shape.channels) {
      const double scale = double(gate[at]), share = double(dmeans[at]) / double(shape.pixels);
      total += scale * double(sums[at]) + share * double(sums[rows + at]);
      product += scale * double(sums[2 * rows + at]) + share * double(sums[3 * rows + at]);
    }
    dbeta[c] = float(total);
    dgamma[c] = float(product * double(rstd[c]));
  }
}

template <class T>
template <class Block>
RC_HD void GatedNormBackwardApply<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const int64_t c = tile.channel + run.channel, of_image = tile.image * shape.channels + c;
    const ChannelAffine affine(width, *this, c);
    const auto scale = read_floats(width, gate + of_image) * affine.scale;
    const auto share = read_floats(width, dmeans + of_image) / float(shape.pixels) * affine.scale;
    const ThroughStatistics through(width, *this, affine, c);
    for (int64_t i = 0; i < run.pixels; ++i) {
      const int64_t at = run.begin + i * tile.stride, ahead = run.ahead + i * tile.width;
      expect_ahead(width, x + ahead);
      const auto v = read(width, x + at);
      expect_ahead(width, dy + ahead);
      const auto g = fma(read(width, dy + at), scale, share);
      write(width, dx + at, fma(g, silu_slope(affine(v)), through(v - affine.mean)));
    }
  });
}

template void enter<Target::RC_TARGET>(const GatedNormPartial<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormPartial<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumChunks&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormApply<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormApply<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormBackwardPartial<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormBackwardPartial<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormBackwardReduce&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormBackwardApply<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GatedNormBackwardApply<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   GatedNormPartial<float>           80   2048
//   GatedNormPartial<Bf16>            96   2048
//   SumChunks                         40      0
//   GatedNormApply<float>             72      0
//   GatedNormApply<Bf16>              88      0
//   GatedNormBackwardPartial<float>  128  10240
//   GatedNormBackwardPartial<Bf16>   152  10240
//   GatedNormBackwardReduce           64      0
//   GatedNormBackwardApply<float>     96      0
//   GatedNormBackwardApply<Bf16>     128      0

}  // namespace rc
