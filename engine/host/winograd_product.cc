#include "engine/host/winograd_product.h"

#include "engine/host/product.h"

namespace rc::winograd {
namespace {

constexpr int64_t kTaps = kFilter * kFilter;
constexpr int64_t kAlone = 48;                       // tiles that a thread takes at once
constexpr int64_t kBlock = 96;                       // and of those that all take together
constexpr int64_t kTogether = int64_t(5) << 19;      // bytes at the points of those, a thread
constexpr int64_t kFilterOfAll = int64_t(12) << 20;  // a filter at the points that caches hold, in bytes
constexpr int64_t kFilterOfPart = int64_t(4) << 20;  // and of its parts, a thread

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
      alone_(tiles_.count() >= kAlone * threads_ && int64_t(filter_bytes()) <= kFilterOfAll) {
  const int64_t of_tile = kPoints * depth_ * int64_t(sizeof(float)),
                of_panel = kPoints * filter_point(3) * int64_t(sizeof(float));
  at_once_ = alone_ ? kAlone : std::clamp(kTogether * threads_ / of_tile, int64_t(1), tiles_.count());
  block_ = std::min(kBlock, at_once_);
  panels_at_once_ =
      alone_ || kept ? panels_.count() : std::max(kFilterOfPart * threads_ / of_panel, int64_t(1));
  made_ = kept ? 0 : std::min(panel_begin(panels_.count()), panels_at_once_ * kPoints * filter_point(3));
}

template <class T>
size_t WinogradProduct<T>::workspace() const {
  return size_t(made_ + (alone_ ? threads_ : 1) * patches(nullptr).size() + threads_ * sums_size()) *
         sizeof(float);
}

template <class T>
void WinogradProduct<T>::run(const T* in, const void* w, T* out, const Ending<T>& ending,
                             void* workspace) const {
  const Image<const T> from = forward_ ? Image<const T>{in, d_.h, d_.w, d_.c, d_.in_block}
                                       : Image<const T>{in, d_.p(), d_.q(), d_.k, d_.out_block};
  const Image<T> to = forward_ ? Image<T>{out, d_.p(), d_.q(), d_.k, d_.out_block}
                               : Image<T>{out, d_.h, d_.w, d_.c, d_.in_block};
  alone_ ? run_alone(from, w, {to, ending}, static_cast<float*>(workspace))
         : run_together(from, w, {to, ending}, static_cast<float*>(workspace));
}

template <class T>
void WinogradProduct<T>::run_alone(const Image<const T>& in, const void* w, const Results& results,
                                   float* workspace) const {
  if (!kept_) transform(static_cast<const T*>(w), workspace);
  const float* filter = kept_ ? static_cast<const float*>(w) : workspace;
  const int64_t groups = groups_of({0, tiles_.count()}), own = patches(nullptr).size() + sums_size();
  shared_out(threads_, [&](int64_t first_share, int64_t end_share) {
    for (int64_t share = first_share; share < end_share; ++share) {
      const AtPoints patch = patches(workspace + made_ + share * own);
      const int64_t end = std::min(groups * (share + 1) / threads_ * kGroup, tiles_.count());
      for (int64_t t = groups * share / threads_ * kGroup; t < end; t += at_once_) {
        const Range tiles{t, std::min(t + at_once_, end)};
        for (int64_t v = 0; v < in.vectors(); ++v)
          to_points<PatchLine>(in, tiles_, before_, v, tiles, patch, t);
        multiply(patch, tiles, {0, panels_.count()}, {0, groups_of(tiles) * panels_.vectors()}, filter,
                 patch.data + patch.size(), results);
      }
    }
  });
}

template <class T>
void WinogradProduct<T>::run_together(const Image<const T>& in, const void* w, const Results& results,
                                      float* workspace) const {
  const AtPoints patch = patches(workspace + made_);
  float* sums = patch.data + patch.size();
  for (int64_t t = 0; t < tiles_.count(); t += at_once_) {
    const Range tiles{t, std::min(t + at_once_, tiles_.count())};
    share_to_points<PatchLine>(in, tiles_, before_, tiles, patch);
    for (int64_t panel = 0; panel < panels_.count(); panel += panels_at_once_) {
      const Range panels{panel, std::min(panel + panels_at_once_, panels_.count())};
      if (!kept_) transform(static_cast<const T*>(w), panels, workspace);
      const float* filter = kept_ ? static_cast<const float*>(w) : workspace;
      const int64_t pieces = groups_of(tiles) * (panels_.begin(panels.end) - panels_.begin(panels.first));
      shared_out(threads_, [&](int64_t first, int64_t end) {
        for (int64_t share = first; share < end; ++share)
          multiply(patch, tiles, panels, {pieces * share / threads_, pieces * (share + 1) / threads_}, filter,
                   sums + share * sums_size(), results);
      });
    }
  }
}

// Products of these tiles, with which patch begins, and these panels, with which filter begins, and their
// results. Of the pieces, a vector of a panel by a group of tiles each, panel by panel, those of `mine`.
template <class T>
void WinogradProduct<T>::multiply(const AtPoints& patch, Range tiles, Range panels, Range mine,
                                  const float* filter, float* sums, const Results& results) const {
  const int64_t count = tiles.end - tiles.first, groups = groups_of(tiles);
  for (int64_t panel = panels.first; panel < panels.end; ++panel) {
    const int width = panels_.width(panel);
    const int64_t before = (panels_.begin(panel) - panels_.begin(panels.first)) * groups;
    const auto tile_of = [&](int64_t piece) {
      const int64_t group = std::clamp((piece - before + width - 1) / width, int64_t(0), groups);
      return std::min(group * kGroup, count);
    };
    const float* at_panel = filter + panel_begin(panel) - panel_begin(panels.first);
    const int64_t end = tile_of(mine.end);
    for (int64_t t = tile_of(mine.first); t < end; t += block_) {
      const int64_t some = std::min(block_, end - t), step = sums_point(some, width);
      const Product product{.rows = 1,
                            .depth = depth_,
                            .taps = 1,
                            .in = patch.stored(),
                            .out = {1, some, 0, 0, width * kVector, kVector},
                            .panels = panels_,
                            .past_caches = false};
      for (int64_t p = 0; p < kPoints; ++p)
        tiles_of<false>(width)(product,
                               {.in = patch.at(p, 0, t),
                                .filter = at_panel + p * filter_point(width),
                                .bias = nullptr,
                                .residual = nullptr,
                                .out = sums + p * step,
                                .pixel = 0},
                               0xffff, some);
      finish(sums, step, {tiles.first + t, tiles.first + t + some}, panel, results);
    }
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
void WinogradProduct<T>::transform(const T* w, Range panels, float* filter) const {
  const int64_t first_vector = panels_.begin(panels.first), end_vector = panels_.begin(panels.end);
  const int64_t rows = forward_ ? d_.c / kVector : d_.k;
  shared_out((end_vector - first_vector) * rows, [&](int64_t first, int64_t end) {
    for (int64_t i = first, panel = panels.first; i < end; ++i) {
      const int64_t vector = first_vector + i / rows, row = i % rows;
      while (panels_.begin(panel + 1) <= vector) ++panel;
      float* to =
          filter + panel_begin(panel) - panel_begin(panels.first) + (vector - panels_.begin(panel)) * kVector;
      forward_ ? transform_straight(w, vector, row, panels_.width(panel), to)
               : transform_turned(w, row, vector, panels_.width(panel), to);
    }
  });
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
  for (int64_t tap = 1; tap <= kTaps; ++tap) __builtin_prefetch(last + (kTaps + tap) * d_.c);  // after the next
  both_ways<FilterLine>(WholeSquare<T>{last, -kFilter * d_.c, -d_.c},
                        ToPoints{to + k * width * kVector, filter_point(width)});
}

template class WinogradProduct<float>;
template class WinogradProduct<Bf16>;

}  // namespace rc::winograd
