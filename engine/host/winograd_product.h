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

// T: float or Bf16, of what is read and written. With many tiles each thread takes its own through everything
// while they are in its cache. With few of them beside a large filter all threads work together: the filter
// is brought to the points some panels of output channels at a time, which need not leave the caches before
// they are used.
template <class T>
class WinogradProduct {
 public:
  // `kept`: the filter at the points is given to each run, not made there.
  WinogradProduct(const ConvDesc&, Direction, bool kept);

  size_t filter_bytes() const { return filter_bytes({0, panels_.count()}); }
  void transform(const T* w, float* filter) const { transform(w, {0, panels_.count()}, filter); }
  size_t workspace() const;

  // w: of the convolution, or where it is kept, what transform made of it.
  void run(const T* in, const void* w, T* out, const Ending<T>&, void* workspace) const;

 private:
  struct Results {
    Image<T> image;
    Ending<T> ending;
  };

  // The filter at the points: [panel][point][depth, 16 * width]; for some panels.
  int64_t filter_point(int64_t width) const { return (depth_ * width + 1) * kVector; }
  int64_t panel_begin(int64_t panel) const {
    return kPoints * (panels_.begin(panel) * depth_ + panel) * kVector;
  }
  size_t filter_bytes(Range panels) const {
    return size_t(panel_begin(panels.end) - panel_begin(panels.first)) * sizeof(float);
  }
  void transform(const T* w, Range panels, float* filter) const;
  void transform_straight(const T* w, int64_t of_y, int64_t of_x, int64_t width, float* to) const;
  void transform_turned(const T* w, int64_t k, int64_t of_x, int64_t width, float* to) const;

  AtPoints patches(float* data) const { return {data, at_once_, depth_ / kVector}; }
  static int64_t sums_point(int64_t tiles, int64_t width) { return (tiles * width + 1) * kVector; }
  int64_t sums_size() const { return kPoints * sums_point(block_, 3); }

  void run_alone(const Image<const T>& in, const void* w, const Results&, float* workspace) const;
  void run_together(const Image<const T>& in, const void* w, const Results&, float* workspace) const;
  void multiply(const AtPoints&, Range tiles, Range panels, Range mine, const float* filter, float* sums,
                const Results&) const;
  void finish(const float* sums, int64_t step, Range tiles, int64_t panel, const Results&) const;

  ConvDesc d_;
  bool forward_, kept_;
  Tiles tiles_;
  Panels panels_;  // of output channels
  int64_t depth_, before_, threads_;
  bool alone_;
  int64_t at_once_, block_;        // tiles at the points; of those, whose products lie in a cache
  int64_t panels_at_once_, made_;  // of the filter; values at the points that a run makes of it at most
};

}  // namespace rc::winograd
