// Single-centre loss (Li et al., "Frequency-aware discriminative feature learning supervised by single-center
// loss for face forgery detection", CVPR 2021): natural faces are drawn to one learnable centre C,
// manipulated ones only have to keep further away from it, by a margin.
//   L = M_nat + max(M_nat - M_man + m sqrt(D), 0),  M = mean over a class's rows of |f - C|
// A class without rows has no mean: its M is left out of both terms, as if it were 0. At the kink of the max,
// the gradient is that of 0.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// What SingleCentreSummary writes.
enum SingleCentreResult : int {
  kSingleCentreLoss,     // L, not scaled by kObjectiveWeight
  kNaturalDistance,      // M_nat, 0 without real rows
  kManipulatedDistance,  // M_man, 0 without fake rows
  kNaturalSlope,         // dL / d|f - C| of a real row
  kManipulatedSlope,     // and of a fake one
  kSingleCentreResults
};

// distance[i] = |f_i - C|. One block a row. Reads rows * dim + dim, writes rows elements; 3 rows * dim FLOPs.
struct CentreDistance {
  const float* f;       // [rows, dim] features, not normalised
  const float* centre;  // [dim]
  float* distance;      // [rows]
  int64_t rows, dim;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = rows}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// The means and the loss. One block. Reads 2 rows elements; 2 rows FLOPs.
struct SingleCentreSummary {
  const float* distance;  // [rows]
  const int32_t* label;   // [rows] 0 real, 1 fake
  float* result;          // [kSingleCentreResults]
  int64_t rows;
  float margin;  // m sqrt(D)

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

inline constexpr int64_t kCentreColumns = 128;  // that a block of SingleCentreBackward handles, over all rows

// df_i = scale * slope of its class * (f_i - C) / |f_i - C|, and dC = - sum of df. A row at C has no
// direction: its gradient is 0. Reads rows * dim + 2 rows + dim, writes rows * dim + dim elements; 3 rows *
// dim FLOPs.
struct SingleCentreBackward {
  const float* f;         // [rows, dim]
  const float* centre;    // [dim]
  const float* distance;  // [rows] of CentreDistance
  const int32_t* label;   // [rows]
  const float* result;    // [kSingleCentreResults]
  const float* scale;     // [1] the loss's share in the total, on the device
  float* df;              // [rows, dim]
  float* dcentre;         // [dim]
  int64_t rows, dim;

  static constexpr int kLanes = int(kCentreColumns);
  Grid grid() const { return {.blocks = (dim + kCentreColumns - 1) / kCentreColumns}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
