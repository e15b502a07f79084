// Consistency of two views of one image (CORE: Ni et al., "Consistent representation learning for face
// forgery detection", CVPR Workshops 2022): L = mean over images of (cos(f_0, f_1) - 1)^2.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// What ConsistencySummary writes.
enum ConsistencyResult : int {
  kConsistencyLoss,  // L, not scaled by kObjectiveWeight
  kViewCosine,       // mean over images of cos(f_0, f_1)
  kConsistencyResults
};

// gap[i] = 1 - cos of image i's two rows, taken as |f_0 / |f_0| - f_1 / |f_1||^2 / 2, which keeps its digits
// where the views agree. A row shorter than kShortestRow (normalise.h) has no direction: its cosine is 0. One
// block an image. Reads 2 images * dim elements, writes 3 images; 8 images * dim FLOPs.
struct ViewGap {
  const float* f;  // [2 * images, dim] view after view: rows i and images + i are of one image
  float* length;   // [2 * images] |f|
  float* gap;      // [images]
  int64_t images, dim;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = images}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// The means over images. One block. Reads images elements.
struct ConsistencySummary {
  const float* gap;  // [images]
  float* result;     // [kConsistencyResults]
  int64_t images;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// With unit rows u = f / |f|: df_0 = - scale * 2 gap / images * (u_1 - u_0 + gap u_0) / |f_0|, and df_1 with
// 0 and 1 exchanged; zero for both where one of them has no direction. One block an image. Reads 2 images *
// dim elements + 3 images, writes 2 images * dim; 10 images * dim FLOPs.
struct ConsistencyBackward {
  const float* f;       // [2 * images, dim]
  const float* length;  // [2 * images] of ViewGap
  const float* gap;     // [images]
  const float* scale;   // [1] the loss's share in the total, on the device
  float* df;            // [2 * images, dim]
  int64_t images, dim;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = images}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
