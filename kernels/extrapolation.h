// Extrapolation on the sphere: a marginal row is moved along the great circle through its centre, to `weight`
// times its angle (reconstruction; the alternative to the straight line of MixKeys).
//
//   th = angle of z and its centre c,  e = unit(z - (z . c) c),  key = c cos(l th) + e sin(l th)
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"
#include "kernels/synthesis.h"

namespace rc {

// With sin th below this, e has no reliable direction: the key is the row itself (weight 1), as it is if the
// centre has not started.
inline constexpr float kShortestArc = 1e-4f;

// Makes keys; one that is not in use becomes a row of zeros with norm 0, others have norm 1. A weight l above
// 1 is lowered so that l th is at most a right angle, but not below 1; the guard of MixKeys then makes a key
// on the fakes' side the row itself. Writes the weight that was used. Reads 2 n, writes n elements (n = keys
// * dim); 9 n FLOPs. One block a key.
struct GeodesicKeys {
  SourceRows from;
  const float* fake_distance;  // [1] mean over the fakes, of FakeDistance
  const int32_t* rows;         // [keys, 2] x, kCentre
  float* weight;               // [keys] in place
  float* key;                  // [keys, dim] unit rows, or zeros
  float* norm;                 // [keys] 1, 0 where not in use
  int64_t keys;
  int64_t guarded;  // the first so many keys are extrapolated reals

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = keys}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// From the gradient g of a key to that of its row, the used weight l a constant:
//   l t_z (t_k . g) + sin(l th) / sin th (g - (g . e) e - (g . c) c)
// where t_z and t_k are the circle's directions away from c at the row and at the key. Rows of keys that are
// not in use become zeros. May overwrite g. Reads 3 n, writes n elements; 16 n FLOPs. One block a key.
struct GeodesicGradient {
  SourceRows from;
  const int32_t* rows;  // [keys, 2]
  const float* weight;  // [keys] of GeodesicKeys
  const float* dkey;    // [keys, dim] g
  float* dx;            // [keys, dim]
  int64_t keys;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = keys}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
