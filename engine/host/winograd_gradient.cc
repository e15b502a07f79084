#include "engine/host/winograd_gradient.h"

#include "engine/host/outer_products.h"

namespace rc::winograd {
namespace {

// What caches hold for a thread: tiles at the points, of which as many pass at once, and sums.
constexpr int64_t kBytesOfTiles = int64_t(5) << 19, kBytesOfSums = int64_t(6) << 20;
// Tiles that pass at once at least: with fewer, the sums come and go too often. Sums that caches do not hold
// had better not come and go at all.
constexpr int64_t kAtLeast = 64, kAtLeastOfLarge = 128;
constexpr int64_t kMostByPoints = 12;  // shares that part the points: each makes more of them than it takes

// A filter's gradient, tap by tap.
struct ToTaps {
  float* first;
  int64_t row, tap;

  RC_AVX512_INLINE void operator()(int i, int j, __m512 v) const { store(first + i * row + j * tap, v); }
};

}  // namespace

template <class T>
WinogradGradient<T>::WinogradGradient(const ConvDesc& d) : d_(d), tiles_(d.n, d.p(), d.q()) {
  const int64_t threads = omp_get_max_threads(), vectors = d.k / kVector;
  parts_ = std::min((threads + kMostByPoints - 1) / kMostByPoints, vectors);
  shares_ = std::min(threads / parts_, kMostByPoints) * parts_;
  const int64_t of_tile = kPoints * (d.c * parts_ + d.k) * int64_t(sizeof(float)) / shares_,
                of_vector = kPoints * kVector * d.c * int64_t(sizeof(float)),
                vectors_in_caches = std::max(kBytesOfSums * threads / of_vector, parts_);
  const int64_t most =
      std::max(kBytesOfTiles / of_tile, vectors <= vectors_in_caches ? kAtLeast : kAtLeastOfLarge);
  const int64_t chunks = (tiles_.count() + most - 1) / most;
  at_once_ = (tiles_.count() + chunks - 1) / chunks;
  vectors_at_once_ = chunks == 1 ? std::min(vectors_in_caches, vectors) : vectors;
}

template <class T>
int64_t WinogradGradient<T>::share_size() const {
  const int64_t by_points = shares_ / parts_;
  const Range most{0, (kPoints + by_points - 1) / by_points};
  return patches(nullptr, most).size() + gradients(nullptr, most).size();
}
template <class T>
size_t WinogradGradient<T>::workspace() const {
  return size_t(shares_ * share_size() + kPoints * sums_point()) * sizeof(float);
}

template <class T>
void WinogradGradient<T>::run(const T* x, const T* dy, float* dw, void* workspace) const {
  float *at_points = static_cast<float*>(workspace), *sums = at_points + shares_ * share_size();
  const Image<const T> in{x, d_.h, d_.w, d_.c, d_.in_block}, out{dy, d_.p(), d_.q(), d_.k, d_.out_block};
  for (int64_t v = 0; v < out.vectors(); v += vectors_at_once_) {
    const Range of_dy{v, std::min(v + vectors_at_once_, out.vectors())};
    shared_out(shares_, [&](int64_t first, int64_t end) {
      for (int64_t share = first; share < end; ++share)
        add_share(share, in, out, of_dy, at_points + share * share_size(), sums);
    });
    finish(sums, of_dy, dw);
  }
}

// What all tiles give to some of the sums of these vectors of dy.
template <class T>
void WinogradGradient<T>::add_share(int64_t share, const Image<const T>& x, const Image<const T>& dy,
                                    Range of_dy, float* at_points, float* sums) const {
  const int64_t by_points = shares_ / parts_, nth = share / parts_, part = share % parts_,
                all = of_dy.end - of_dy.first;
  const Range points{kPoints * nth / by_points, kPoints * (nth + 1) / by_points},
      vectors{of_dy.first + all * part / parts_, of_dy.first + all * (part + 1) / parts_};
  if (vectors.empty()) return;
  const AtPoints patch = patches(at_points, points), gradient = gradients(at_points + patch.size(), points);
  for (int64_t t = 0; t < tiles_.count(); t += at_once_) {
    const Range tiles{t, std::min(t + at_once_, tiles_.count())};
    if (of_dy.first == 0)  // where there are more vectors to come, these are all tiles
      to_points<PatchLine>(x, tiles_, d_.pad, {0, x.vectors()}, tiles, patch);
    to_points<TileGradientLine>(dy, tiles_, 0, vectors, tiles, gradient);
    for (int64_t p = points.first; p < points.end; ++p) {
      const OuterProducts products{
          {gradient.at(p, 0, 0), gradient.stored(), (vectors.end - vectors.first) * kVector},
          {patch.at(p, 0, 0), patch.stored(), d_.c},
          sums + p * sums_point() + (vectors.first - of_dy.first) * kVector * d_.c,
          d_.c};
      add_products(products, Factors::floats, {0, products.pieces()}, {0, tiles.end - t}, t == 0);
    }
  }
}

template <class T>
void WinogradGradient<T>::finish(const float* sums, Range of_dy, float* dw) const {
  const int64_t vectors = d_.c / kVector, channels = (of_dy.end - of_dy.first) * kVector;
  shared_out(channels * vectors, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const int64_t k = i / vectors, c = i % vectors * kVector;
      from_points(sums + k * d_.c + c, dw + (of_dy.first * kVector + k) * kFilter * kFilter * d_.c + c);
    }
  });
}
template <class T>
RC_AVX512 void WinogradGradient<T>::from_points(const float* sums, float* dw) const {
  both_ways<FilterGradientLine>(FromPoints{sums, sums_point()}, ToTaps{dw, kFilter * d_.c, d_.c});
}

template class WinogradGradient<float>;
template class WinogradGradient<Bf16>;

}  // namespace rc::winograd
