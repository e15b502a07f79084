// The weight gradient of a 3x3 convolution of stride 1 by Winograd: at each point the outer products of what
// dy and x are there, summed over tiles, and brought back from the points once.
#pragma once

#include "engine/device.h"
#include "engine/host/winograd_tiles.h"

namespace rc::winograd {

// T: float or Bf16, of x and dy. Threads share the points, and where there are many threads the channels of
// dy as well: each brings all tiles to its own points and has nothing for the others, whose caches may be
// far.
template <class T>
class WinogradGradient {
 public:
  explicit WinogradGradient(const ConvDesc&);
  size_t workspace() const;
  void run(const T* x, const T* dy, float* dw, void* workspace) const;

 private:
  AtPoints patches(float* data, Range points) const { return {data, at_once_, d_.c / kVector, points}; }
  AtPoints gradients(float* data, Range points) const { return {data, at_once_, most_vectors(), points}; }
  int64_t share_size() const;  // of what a share has at the points
  int64_t most_vectors() const { return (vectors_at_once_ + parts_ - 1) / parts_; }   // of dy, of a share
  int64_t sums_point() const { return vectors_at_once_ * kVector * d_.c + kVector; }  // [some of K, C]

  void add_share(int64_t share, const Image<const T>& x, const Image<const T>& dy, Range of_dy,
                 float* at_points, float* sums) const;
  void finish(const float* sums, Range of_dy, float* dw) const;
  void from_points(const float* sums, float* dw) const;

  ConvDesc d_;
  Tiles tiles_;
  int64_t parts_, shares_;             // of dy's channels; in all
  int64_t at_once_, vectors_at_once_;  // tiles; vectors of dy, fewer than all where all tiles pass at once
};

}  // namespace rc::winograd
