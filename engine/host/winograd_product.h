// y of a 3x3 convolution of stride 1, or dx, by Winograd: at each point a product of pixels' and filter's
// channels.
#pragma once

#include <cmath>

#include "engine/device.h"
#include "engine/host/winograd_tiles.h"

namespace rc::winograd {

// What becomes of sums: y = max(sums + bias + residual, least). Null where there is none.
template <class T>
struct Ending {
  const float* bias = nullptr;
  const T* residual = nullptr;
  float least = -INFINITY;
};

// T: float or Bf16, of what is read and written. Threads share the tiles, and each takes its own through
// everything while they are in its cache; or, with few tiles beside a large filter, they share the output
// channels, and each brings its own part of the filter to the points, some channels at a time. Either way
// they have next to nothing for each other: caches of two cores may be far apart.
template <class T>
class WinogradProduct {
 public:
  // `kept`: the filter at the points is given to each run, not made there.
  WinogradProduct(const ConvDesc&, Direction, bool kept);

  size_t filter_bytes() const { return size_t(panel_begin(panels_.count())) * sizeof(float); }
  void transform(const T* w, float* filter) const;
  size_t workspace() const;

  // w: of the convolution, or where it is kept, what transform made of it.
  void run(const T* in, const void* w, T* out, const Ending<T>&, void* workspace) const;

 private:
  struct Results {
    Image<T> image;
    Ending<T> ending;
  };

  // The filter at the points: [panel][point][depth, 16 * width].
  int64_t filter_point(int64_t width) const { return (depth_ * width + 1) * kVector; }
  int64_t panel_begin(int64_t panel) const {
    return kPoints * (panels_.begin(panel) * depth_ + panel) * kVector;
  }
  void transform(const T* w, int64_t panel, int64_t vector, float* at_panel) const;
  void transform_straight(const T* w, int64_t of_y, int64_t of_x, int64_t width, float* to) const;
  void transform_turned(const T* w, int64_t k, int64_t of_x, int64_t width, float* to) const;

  AtPoints patches(float* data) const { return {data, at_once_, depth_ / kVector, kAllPoints}; }
  static int64_t sums_point(int64_t tiles, int64_t width) { return (tiles * width + 1) * kVector; }
  int64_t sums_size() const { return kPoints * sums_point(block_, 3); }

  void run_by_tiles(const Image<const T>& in, const void* w, const Results&, float* workspace) const;
  void run_by_channels(const Image<const T>& in, const void* w, const Results&, float* workspace) const;
  void multiply(const AtPoints&, int64_t first_tile, Range tiles, int64_t panel, const float* at_panel,
                float* sums, const Results&) const;
  void finish(const float* sums, int64_t step, Range tiles, int64_t panel, const Results&) const;

  ConvDesc d_;
  bool forward_, kept_;
  Tiles tiles_;
  Panels panels_;                     // of output channels
  int64_t depth_, before_, threads_;  // channels summed; padding before the first patch; that share
  bool by_tiles_;
  int64_t at_once_, block_;  // tiles at the points; of those, whose products lie in a cache
};

}  // namespace rc::winograd
