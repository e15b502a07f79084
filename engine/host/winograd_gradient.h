// The weight gradient of a 3x3 convolution of stride 1 by Winograd: at each point the outer products of what
// dy and x are there, summed over tiles, and brought back from the points once.
#pragma once

#include "engine/device.h"
#include "engine/host/winograd_tiles.h"

namespace rc::winograd {

// T: float or Bf16, of x and dy.
template <class T>
class WinogradGradient {
 public:
  explicit WinogradGradient(const ConvDesc&);
  size_t workspace() const;
  void run(const T* x, const T* dy, float* dw, void* workspace) const;

 private:
  AtPoints patches(float* data) const { return {data, at_once_, d_.c / kVector}; }
  AtPoints gradients(float* data) const { return {data, at_once_, d_.k / kVector}; }
  int64_t sums_point() const { return vectors_at_once_ * kVector * d_.c + kVector; }  // [some of K, C]

  void add(const AtPoints& patch, const AtPoints& gradient, Range of_dy, int64_t tiles, bool first_tiles,
           float* sums) const;
  void finish(const float* sums, Range of_dy, float* dw) const;
  void from_points(const float* sums, float* dw) const;

  ConvDesc d_;
  Tiles tiles_;
  int64_t at_once_, vectors_at_once_;  // tiles; vectors of dy, fewer than all where all tiles pass at once
};

}  // namespace rc::winograd
