#include "engine/host/winograd_product.h"

#include "engine/host/product.h"

namespace rc::winograd {
namespace {

constexpr int64_t kTaps = kFilter * kFilter;
constexpr int64_t kGroup = 8;                        // tiles that threads do not part
constexpr int64_t kAtOnce = 48;                      // tiles at the points, of which a thread has many
constexpr int64_t kFewTiles = int64_t(5) << 20;      // bytes of those at the points, where it has few
constexpr int64_t kBlock = 96;                       // of those, whose products a cache holds
constexpr int64_t kLargeFilter = int64_t(12) << 20;  // bytes at the points that caches do not hold

// Results of a tile, of which those beyond the image are not written.
template <class T>
struct ToResults {
  T* first;
  const T* residual;
  int64_t row, pixel;
  int64_t rows, pixels;  // that exist
  __m512 bias, least;

  RC_AVX512_INLINE void operator()(int i, int j, __m512 v) const {
    if (i >= rows || j >= pixels) return;
    const int64_t at = i * row + j * pixel;
    v = plus(v, bias);
    if (residual) v = plus(v, load(residual + at));
    store(first + at, _mm512_maskz_max_ps(0xffff, least, v));  // v where it is NaN
  }
};

}  // namespace

template <class T>
WinogradProduct<T>::WinogradProduct(const ConvDesc& d, Direction direction, bool kept)
    : d_(d),
      forward_(direction == Direction::forward),
      kept_(kept),
      tiles_(d.n, forward_ ? d.p() : d.h, forward_ ? d.q() : d.w),
      panels_{forward_ ? d.k : d.c},
      depth_(forward_ ? d.c : d.k),
      before_(forward_ ? d.pad : kFilter - 1 - d.pad),
      threads_(omp_get_max_threads()),
      by_tiles_(tiles_.count() >= kAtOnce * threads_ && int64_t(filter_bytes()) < kLargeFilter) {
  const int64_t of_tile = kPoints * depth_ * int64_t(sizeof(float));
  at_once_ = by_tiles_ ? kAtOnce : std::clamp(kFewTiles / of_tile, int64_t(1), tiles_.count());
  block_ = std::min(kBlock, at_once_);
}

template <class T>
size_t WinogradProduct<T>::workspace() const {
  const int64_t shared = by_tiles_ && !kept_ ? panel_begin(panels_.count()) : 0,
                panel = by_tiles_ || kept_ ? 0 : kPoints * filter_point(3);
  return size_t(shared + threads_ * (panel + patches(nullptr).size() + sums_size())) * sizeof(float);
}

template <class T>
void WinogradProduct<T>::run(const T* in, const void* w, T* out, const Ending<T>& ending,
                             void* workspace) const {
  const Image<const T> from = forward_ ? Image<const T>{in, d_.h, d_.w, d_.c, d_.in_block}
                                       : Image<const T>{in, d_.p(), d_.q(), d_.k, d_.out_block};
  const Image<T> to = forward_ ? Image<T>{out, d_.p(), d_.q(), d_.k, d_.out_block}
                               : Image<T>{out, d_.h, d_.w, d_.c, d_.in_block};
  by_tiles_ ? run_by_tiles(from, w, {to, ending}, static_cast<float*>(workspace))
            : run_by_channels(from, w, {to, ending}, static_cast<float*>(workspace));
}

template <class T>
void WinogradProduct<T>::run_by_tiles(const Image<const T>& in, const void* w, const Results& results,
                                      float* workspace) const {
  const auto* filter = static_cast<const float*>(w);
  if (!kept_) {
    transform(static_cast<const T*>(w), workspace);
    filter = workspace;
    workspace += panel_begin(panels_.count());
  }
  const int64_t groups = (tiles_.count() + kGroup - 1) / kGroup, own = patches(nullptr).size() + sums_size();
  shared_out(threads_, [&](int64_t first_share, int64_t end_share) {
    for (int64_t share = first_share; share < end_share; ++share) {
      const AtPoints patch = patches(workspace + share * own);
      const int64_t end = std::min(groups * (share + 1) / threads_ * kGroup, tiles_.count());
      for (int64_t t = groups * share / threads_ * kGroup; t < end; t += at_once_) {
        const Range tiles{t, std::min(t + at_once_, end)};
        to_points<PatchLine>(in, tiles_, before_, {0, in.vectors()}, tiles, patch);
        for (int64_t panel = 0; panel < panels_.count(); ++panel)
          multiply(patch, t, tiles, panel, filter + panel_begin(panel), patch.data + patch.size(), results);
      }
    }
  });
}

// Where a share begins or ends within a panel, it has some of the tiles.
template <class T>
void WinogradProduct<T>::run_by_channels(const Image<const T>& in, const void* w, const Results& results,
                                         float* workspace) const {
  const int64_t panel_size = kept_ ? 0 : kPoints * filter_point(3),
                own = panel_size + patches(nullptr).size() + sums_size();
  shared_out(threads_, [&](int64_t first_share, int64_t end_share) {
    for (int64_t share = first_share; share < end_share; ++share) {
      float* made = workspace + share * own;
      const AtPoints patch = patches(made + panel_size);
      for (int64_t t = 0; t < tiles_.count(); t += at_once_) {
        const Range tiles{t, std::min(t + at_once_, tiles_.count())};
        const int64_t groups = (tiles.end - t + kGroup - 1) / kGroup, pieces = groups * panels_.vectors();
        const Range mine{pieces * share / threads_, pieces * (share + 1) / threads_};
        if (!mine.empty()) to_points<PatchLine>(in, tiles_, before_, {0, in.vectors()}, tiles, patch);
        for (int64_t panel = 0; panel < panels_.count(); ++panel) {
          const int64_t width = panels_.width(panel), before = panels_.begin(panel) * groups;
          const auto tile = [&](int64_t piece) {
            const int64_t group = std::clamp((piece - before + width - 1) / width, int64_t(0), groups);
            return std::min(t + group * kGroup, tiles.end);
          };
          const Range some{tile(mine.first), tile(mine.end)};
          if (some.empty()) continue;
          if (!kept_)
            for (int64_t v = panels_.begin(panel); v < panels_.begin(panel + 1); ++v)
              transform(static_cast<const T*>(w), panel, v, made);
          multiply(patch, t, some, panel, kept_ ? static_cast<const float*>(w) + panel_begin(panel) : made,
                   patch.data + patch.size(), results);
        }
      }
    }
  });
}

// The products of these tiles with a panel, and their results. patch begins with tile `first_tile`.
template <class T>
void WinogradProduct<T>::multiply(const AtPoints& patch, int64_t first_tile, Range tiles, int64_t panel,
                                  const float* at_panel, float* sums, const Results& results) const {
  const int width = panels_.width(panel);
  for (int64_t t = tiles.first; t < tiles.end; t += block_) {
    const int64_t some = std::min(block_, tiles.end - t), step = sums_point(some, width);
    const Product product{.rows = 1,
                          .depth = depth_,
                          .taps = 1,
                          .in = patch.stored(),
                          .out = {1, some, 0, 0, width * kVector, kVector},
                          .panels = panels_,
                          .past_caches = false};
    for (int64_t p = 0; p < kPoints; ++p)
      tiles_of<float, false>(width)(product,
                                    {.in = patch.at(p, 0, t - first_tile),
                                     .filter = at_panel + p * filter_point(width),
                                     .bias = nullptr,
                                     .residual = nullptr,
                                     .out = sums + p * step,
                                     .pixel = 0},
                                    0xffff, some);
    finish(sums, step, {t, t + some}, panel, results);
  }
}

template <class T>
RC_AVX512 void WinogradProduct<T>::finish(const float* sums, int64_t step, Range tiles, int64_t panel,
                                          const Results& results) const {
  const Image<T>& image = results.image;
  const Ending<T>& ending = results.ending;
  for (int64_t t = tiles.first; t < tiles.end; ++t)
    for (int64_t v = panels_.begin(panel); v < panels_.begin(panel + 1); ++v, sums += kVector) {
      const int64_t row = tiles_.row(t), column = tiles_.column(t);
      T* corner = image.at(tiles_.image(t), row, column, v);
      if (sizeof(T) == sizeof(float))
        for (int i = 0; i < kTile; ++i) {  // the next tile's whole lines of memory
          RC_UNROLL
          for (int j = kTile; j < 2 * kTile; ++j)
            __builtin_prefetch(corner + i * image.row() + j * image.block, 1);
        }
      both_ways<ResultLine>(
          FromPoints{sums, step},
          ToResults<T>{corner, ending.residual ? ending.residual + (corner - image.data) : nullptr,
                       image.row(), image.block, image.height - row, image.width - column,
                       ending.bias ? load(ending.bias + v * kVector) : all(0), all(ending.least)});
    }
}

template <class T>
void WinogradProduct<T>::transform(const T* w, float* filter) const {
  shared_out(panels_.vectors(), [&](int64_t first, int64_t end) {
    for (int64_t panel = 0; panel < panels_.count(); ++panel)
      for (int64_t v = std::max(first, panels_.begin(panel)); v < std::min(end, panels_.begin(panel + 1));
           ++v)
        transform(w, panel, v, filter + panel_begin(panel));
  });
}

// 16 output channels of a panel.
template <class T>
void WinogradProduct<T>::transform(const T* w, int64_t panel, int64_t vector, float* at_panel) const {
  const int64_t width = panels_.width(panel);
  float* to = at_panel + (vector - panels_.begin(panel)) * kVector;
  for (int64_t i = 0; i < (forward_ ? d_.c / kVector : d_.k); ++i)
    forward_ ? transform_straight(w, vector, i, width, to) : transform_turned(w, i, vector, width, to);
}

// 16 channels of y and 16 of x, which lie side by side in the filter but are what is summed.
template <class T>
RC_AVX512 void WinogradProduct<T>::transform_straight(const T* w, int64_t of_y, int64_t of_x, int64_t width,
                                                      float* to) const {
  float rows[kVector][kVector], taps[kTaps][kVector][kVector];
  for (int64_t tap = 0; tap < kTaps; ++tap) {
    for (int64_t k = 0; k < kVector; ++k) {
      const T* from = w + ((of_y * kVector + k) * kTaps + tap) * d_.c + of_x * kVector;
      __builtin_prefetch(from + 64 / sizeof(T));  // the next line of memory
      store(rows[k], load(from));
    }
    transpose(rows[0], kVector, kVector, kVector, taps[tap][0], kVector, kVector);
  }
  for (int64_t c = 0; c < kVector; ++c)
    both_ways<FilterLine>(WholeSquare<float>{taps[0][c], kFilter * kVector * kVector, kVector * kVector},
                          ToPoints{to + (of_x * kVector + c) * width * kVector, filter_point(width)});
}
// A channel of y and 16 of x, the last tap first.
template <class T>
RC_AVX512 void WinogradProduct<T>::transform_turned(const T* w, int64_t k, int64_t of_x, int64_t width,
                                                    float* to) const {
  const T* last = w + ((k + 1) * kTaps - 1) * d_.c + of_x * kVector;
  for (int64_t tap = 1; tap <= kTaps; ++tap)
    __builtin_prefetch(last + (kTaps + tap) * d_.c);  // after the next
  both_ways<FilterLine>(WholeSquare<T>{last, -kFilter * d_.c, -d_.c},
                        ToPoints{to + k * width * kVector, filter_point(width)});
}

template class WinogradProduct<float>;
template class WinogradProduct<Bf16>;

}  // namespace rc::winograd
