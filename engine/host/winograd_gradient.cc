#include "engine/host/winograd_gradient.h"

namespace rc::winograd {
namespace {

// What caches hold for a thread: tiles at the points, of which as many pass at once, and sums.
constexpr int64_t kBytesOfTiles = int64_t(5) << 19, kBytesOfSums = int64_t(6) << 20;
// Tiles that pass at once at least: with fewer, the sums come and go too often. Sums that caches do not hold
// had better not come and go at all.
constexpr int64_t kAtLeast = 64, kAtLeastOfLarge = 128;

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
  const int64_t of_tile = kPoints * (d.c + d.k) * int64_t(sizeof(float)),
                of_vector = kPoints * kVector * d.c * int64_t(sizeof(float)),
                vectors_in_caches = std::max(kBytesOfSums * threads / of_vector, int64_t(1));
  const int64_t most =
      std::max(kBytesOfTiles * threads / of_tile, vectors <= vectors_in_caches ? kAtLeast : kAtLeastOfLarge);
  const int64_t parts = (tiles_.count() + most - 1) / most;
  at_once_ = (tiles_.count() + parts - 1) / parts;
  vectors_at_once_ = parts == 1 ? std::min(vectors_in_caches, vectors) : vectors;
}

template <class T>
size_t WinogradGradient<T>::workspace() const {
  return size_t(patches(nullptr).size() + gradients(nullptr).size() + kPoints * sums_point()) * sizeof(float);
}

template <class T>
void WinogradGradient<T>::run(const T* x, const T* dy, float* dw, void* workspace) const {
  const AtPoints patch = patches(static_cast<float*>(workspace)),
                 gradient = gradients(patch.data + patch.size());
  float* sums = gradient.data + gradient.size();
  const Image<const T> in{x, d_.h, d_.w, d_.c, d_.in_block}, out{dy, d_.p(), d_.q(), d_.k, d_.out_block};
  for (int64_t v = 0; v < out.vectors(); v += vectors_at_once_) {
    const Range of_dy{v, std::min(v + vectors_at_once_, out.vectors())};
    for (int64_t t = 0; t < tiles_.count(); t += at_once_) {
      const Range tiles{t, std::min(t + at_once_, tiles_.count())};
      if (v == 0) {  // where there are more vectors to come, these are all tiles
        share_to_points<PatchLine>(in, tiles_, d_.pad, tiles, patch);
        share_to_points<TileGradientLine>(out, tiles_, 0, tiles, gradient);
      }
      add(patch, gradient, of_dy, tiles.end - tiles.first, t == 0, sums);
    }
    finish(sums, of_dy, dw);
  }
}

template <class T>
void WinogradGradient<T>::add(const AtPoints& patch, const AtPoints& gradient, Range of_dy, int64_t tiles,
                              bool first_tiles, float* sums) const {
  const auto at = [&](int64_t p) {
    return OuterProducts{
        {gradient.at(p, of_dy.first, 0), gradient.stored(), (of_dy.end - of_dy.first) * kVector},
        {patch.at(p, 0, 0), patch.stored(), d_.c},
        sums + p * sums_point(),
        d_.c};
  };
  const int64_t pieces = at(0).pieces();
  shared_out(kPoints * pieces, [&](int64_t first, int64_t end) {
    for (int64_t p = first / pieces; p * pieces < end; ++p)
      add_products(at(p), Values::floats,
                   {std::max(first - p * pieces, int64_t(0)), std::min(end - p * pieces, pieces)}, {0, tiles},
                   first_tiles);
  });
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
