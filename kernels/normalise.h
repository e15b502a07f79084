// Row-wise L2 normalisation: raw embeddings to points on the unit sphere, and the way back.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// A row no longer than this has no direction: it is mapped to zero, and its gradient is zero.
inline constexpr float kShortestRow = 1e-12f;

// z = v / |v|. Reads n, writes n + rows elements (n = rows * dim); 3 n FLOPs. May overwrite v.
struct Normalise {
  const float* v;  // [rows, dim]
  float* z;        // [rows, dim]
  float* norm;     // [rows] |v|
  int64_t rows, dim;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = rows}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dv = (dz - z (z . dz)) / |v|: the part along z cannot change a unit vector. Reads 2 n + rows, writes n
// elements; 5 n FLOPs. May overwrite dz. The same for whatever z is the unit vector of, given that vector's
// length.
struct NormaliseBackward {
  const float* z;     // [rows, dim]
  const float* norm;  // [rows]
  const float* dz;    // [rows, dim]
  float* dv;          // [rows, dim]
  int64_t rows, dim;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = rows}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
