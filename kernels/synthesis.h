// Synthetic keys: extrapolated marginal rows and fused hard rows (reconstruction; the laws of Zhu et al.,
// ICCV 2021, and of MoCHi, Kalantidis et al., NeurIPS 2020, with the centre of natural faces for the anchor).
//
// A synthetic key is unit(w), w = weight * x + (1 - weight) * y, where x is a row and y another one or x's
// centre; an extrapolated one may lie on the sphere's great circle instead (extrapolation.h). draws.h decides
// what is mixed, MixKeys mixes, NormaliseBackward takes the keys' gradient to w, and RouteMixes from w to the
// rows of the batch; nothing flows into a centre or into the queue. Keys lie in order: extrapolated reals,
// extrapolated fakes, fused rows.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// Values of rows [keys, 2] that are no row.
inline constexpr int32_t kUnused = -1;  // as x: the key is not in use
inline constexpr int32_t kCentre = -1;  // as y: the centre of natural faces that x belongs to

// A mix shorter than this has no direction: its key is not in use.
inline constexpr float kShortestMix = 1e-4f;

// The rows that keys are made of: the batch's, and from `batch` on those of the queue of fakes.
struct SourceRows {
  const float* z;            // [batch, dim] unit rows
  const float* centre;       // [centres, dim] unit
  const int32_t* centre_of;  // [batch + queue] the centre that a row belongs to, or null: the first
  const float* queue;        // [queue, dim] unit rows, or null
  int64_t batch, dim;

  RC_INLINE const float* row(int64_t x) const { return x < batch ? z + x * dim : queue + (x - batch) * dim; }
  RC_INLINE const float* centre_at(int64_t x) const { return centre + (centre_of ? centre_of[x] : 0) * dim; }
};

// Makes keys; one that is not in use becomes a row of zeros with norm 0. The guard: an extrapolated real must
// not land on the fakes' side, so beyond their mean distance to the centre it is the marginal real itself
// (weight 1). Writes the weight that was used, and kUnused for a mix too short. Reads 3 n, writes n elements
// (n = keys * dim); 8 n FLOPs. One block a key.
struct MixKeys {
  SourceRows from;
  const float* fake_distance;  // [1] mean over the fakes, of FakeDistance
  int32_t* rows;               // [keys, 2] in place
  float* weight;               // [keys] in place
  float* key;                  // [keys, dim] unit rows, or zeros
  float* norm;                 // [keys] |w|, 0 where not in use
  int64_t keys;
  int64_t guarded;  // the first so many keys are extrapolated reals

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = keys}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dz[row] += sum over keys of the key's share in the row * dw[key], keys in order; the share is 1 of the
// first `arcs` keys, whose dw is a gradient of x already (GeodesicGradient). To detach keys, leave them out.
// One block a row of the batch. Reads 2 keys and at most 2 keys * dim + batch * dim, writes batch * dim
// elements.
struct RouteMixes {
  const float* dw;      // [keys, dim] gradient of the unnormalised mixes
  const int32_t* rows;  // [keys, 2]
  const float* weight;  // [keys]
  float* dz;            // [batch, dim] in place
  int64_t batch, keys, dim;
  int64_t arcs = 0;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = keys > 0 ? batch : 0}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
