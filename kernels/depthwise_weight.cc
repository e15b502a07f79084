#include "kernels/depthwise_weight.h"

#include "engine/block.h"
#include "kernels/depthwise_slab.h"

namespace rc {

// Rows of the filter whose sums a lane holds at once: all where there are vector registers enough, 32 with
// AVX-512 and 16 without, else one.
template <class Block, int size>
inline constexpr int kFilterRows = kVectorFloats<Block> >= (size == 3 ? 8 : 16) ? size : 1;

// The sums of a few rows of the filter over a row of dy.
template <class W, int size, int stride, int rows, int before>
struct WeightSums {
  // Columns of dy at once: fewer where a norm takes registers of the GPU, so that as many blocks share them.
  static constexpr int strip = rows * size > 16 || (before == kNorm && W::order == Order::packed) ? 2 : 4;
  typename W::Type sum[rows][size];
  Input<before, W> input;

  // dy: column 0 of the row. image: x's first pixel; its rows from `top` on are wanted. ahead: ask for
  // memory.
  template <bool ahead, class T>
  RC_INLINE void add_row(const T* dy, const Rows& y, const T* image, const Rows& x, int32_t top,
                         int32_t pad) {
    int32_t q = 0;
    for (; q + strip <= y.width; q += strip) {
      if constexpr (ahead) {
        const T* bottom = image + (top + rows - 1) * x.line + ((q + kAhead) * stride - pad) * x.pixel;
        for (int up = 0; up < stride; ++up)  // the rows that the next of y has alone
          expect<strip * stride>(W(), bottom - up * x.line, x.pixel);
        expect<strip>(W(), dy + (q + kAhead) * y.pixel, y.pixel);
      }
      add<strip>(dy + q * y.pixel, y, image, x, top, q * stride - pad);
    }
    for (; q < y.width; ++q) add<1>(dy + q * y.pixel, y, image, x, top, q * stride - pad);
  }

  // n neighbours of dy. image: x's first pixel; rows top .. and columns left .. of it are wanted.
  template <int n, class T>
  RC_INLINE void add(const T* dy, const Rows& y, const T* image, const Rows& x, int32_t top, int32_t left) {
    typename W::Type g[n];
    RC_UNROLL
    for (int j = 0; j < n; ++j, dy += y.pixel) g[j] = read(W(), dy);
    if (top >= 0 && top + rows <= x.height && left >= 0 && left + (n - 1) * stride + size <= x.width)
      add_columns<n, true>(g, image, x, top, left);
    else
      add_columns<n, false>(g, image, x, top, left);
  }
  template <int n, bool inside, class T>
  RC_INLINE void add_columns(const typename W::Type* g, const T* image, const Rows& x, int32_t top,
                             int32_t left) {
    const int64_t pixel = x.pixel;
    unrolled<rows>([&](auto r) RC_WRITTEN_OUT {
      if (!inside && !within(top + r, x.height)) return;
      const T* line = image + (top + r) * x.line;
      unrolled<(n - 1) * stride + size>([&](auto i) RC_WRITTEN_OUT {
        if (!inside && !within(left + i, x.width)) return;
        const auto v = input(line + (left + i) * pixel);
        unrolled<n>([&](auto j) RC_WRITTEN_OUT {
          constexpr int s = i - j * stride;
          if constexpr (s >= 0 && s < size) add_products(sum[r][s], v, g[j]);
        });
      });
    });
  }
};

template <int size, int stride, int before, class T, class Block>
RC_INLINE void sum_weights(const DepthwiseWeightPartial<T>& kernel, const Slab& slab, const Block& block,
                           float* sums) {
  constexpr int rows = kFilterRows<Block, size>, parts = size / rows,
                chains = DepthwiseWeightPartial<T>::kChains;
  constexpr int registers = size == 3 ? kGroupRegisters<T, Block> : 1;  // sums of 5x5 fill them all
  const Rows x = rows_in(kernel.conv, slab), y = rows_out(kernel.conv, slab);
  const int32_t pad = int32_t(kernel.conv.pad);
  const int32_t turn = max(1, int32_t(kernel.kTurnPixels) / y.width), band = slab.rows;
  // Turn by turn in all chains, so that what one reads is still near when another does. A lane always has the
  // same sums.
  for (int32_t round = 0; round < band; round += chains * turn) {
    const auto add_turn = [&](auto some, int64_t item, int64_t k) RC_WRITTEN_OUT {
      const int32_t chain = int32_t(item) / parts, r = int32_t(item) % parts * rows;
      const int32_t first = round + chain * turn, last = min(first + turn, band);
      float* own = sums + (chain * size + r) * size * kTileChannels + k;
      WeightSums<decltype(some), size, stride, rows, before> dw{{}, {some, kernel, slab.channel + k}};
      RC_UNROLL
      for (int i = 0; i < rows; ++i) {
        RC_UNROLL
        for (int s = 0; s < size; ++s)
          dw.sum[i][s] =
              round == 0 ? some.of(0) : read(some, (const float*)own + (i * size + s) * kTileChannels);
      }
      const int32_t row = slab.row + first;
      int32_t n = row / y.height, p = row % y.height;
      for (int32_t i = first; i < last; ++i) {
        dw.template add_row<kWholeRows<Block>>(kernel.dy + y.at(n, p, k), y, kernel.x + x.at(n, 0, k), x,
                                               p * stride - pad + r, pad);
        if (++p == y.height) p = 0, ++n;
      }
      RC_UNROLL
      for (int i = 0; i < rows; ++i) {
        RC_UNROLL
        for (int s = 0; s < size; ++s) write(some, own + (i * size + s) * kTileChannels, dw.sum[i][s]);
      }
    };
    each_group<T, registers>(block, chains * parts, slab.width, x.pixel, add_turn);
  }
}

template <class T>
template <class Block>
RC_HD void DepthwiseWeightPartial<T>::operator()(Block block) const {
  const Slab slab(bands_out(conv), block.index());
  const int64_t all = conv.size * conv.size, next = all * kTileChannels;  // from chain to chain
  float* sums = block.template shared<float>(kChains * next);
  if (norm.mean != nullptr)
    sum_weights<3, 1, kNorm>(*this, slab, block, sums);
  else
    with_geometry(conv, [&](auto size, auto stride, auto before) {
      sum_weights<size, stride, before>(*this, slab, block, sums);
    });
  block.sync();
  float* out = partial + slab.band * conv.filter_size() + slab.channel;
  each_group<T, 1>(block, all, slab.width, conv.block, [&](auto some, int64_t tap, int64_t k) {
    const auto chain = [&](int i) {
      return read(some, (const float*)sums + i * next + tap * kTileChannels + k);
    };
    const auto sum = (chain(0) + chain(1)) + (chain(2) + chain(3));
    write(some, out + tap * conv.channels + k, sum);
  });
}

template <class Block>
RC_HD void DepthwiseWeightReduce::operator()(Block block) const {
  constexpr int n = kVectorFloats < Block >> 0 ? 16 : 1;  // neighbours that a lane adds up at once
  double* sums = block.template shared<double>(kParts * kChannels);
  const int64_t tiles = (channels + kChannels - 1) / kChannels, tap = block.index() / tiles;
  const int64_t first = block.index() % tiles * kChannels, some = min(int64_t(kChannels), channels - first);
  const int64_t next = size * size * channels;  // from band to band
  for (int64_t i = block.lane(); i < kParts * (kChannels / n); i += block.lanes()) {
    const int64_t part = i / (kChannels / n), at = i % (kChannels / n) * n;
    const float* p = partial + tap * channels + first + at;
    double sum[n] = {};
    if (at + n <= some) {
      for (int64_t band = part; band < bands; band += kParts) {
        RC_UNROLL
        for (int k = 0; k < n; ++k) sum[k] += double(p[band * next + k]);
      }
    } else {
      for (int64_t band = part; band < bands; band += kParts)
        for (int k = 0; at + k < some; ++k) sum[k] += double(p[band * next + k]);
    }
    for (int k = 0; k < n; ++k) sums[part * kChannels + at + k] = sum[k];
  }
  block.sync();
  for (int64_t c = block.lane(); c < some; c += block.lanes()) {
    double total = 0;
    for (int64_t part = 0; part < kParts; ++part) total += sums[part * kChannels + c];
    dw[(first + c) * size * size + tap] = float(total);
  }
}

template void enter<Target::RC_TARGET>(const DepthwiseWeightPartial<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseWeightPartial<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DepthwiseWeightReduce&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block beside those that depend on the filter.
//   DepthwiseWeightPartial<float>  168     0
//   DepthwiseWeightPartial<Bf16>   192     0
//   DepthwiseWeightReduce           72  2048

}  // namespace rc
