// Synthetic keys: extrapolated marginal reals and fused hard fakes (reconstruction; the laws of Zhu et al.,
// ICCV 2021, and of MoCHi, Kalantidis et al., NeurIPS 2020, with the centre of natural faces for the anchor).
//
// Every synthetic key is unit(w), w = weight * x + (1 - weight) * y, where x is a row of the batch and y
// another one or the centre. DrawMixes decides what is mixed, MixKeys mixes, NormaliseBackward takes the
// keys' gradient to w, and RouteMixes from w to the rows of the batch; nothing flows into the centre. Keys
// lie in order: extrapolated reals, fused pairs of fakes, fakes fused with the centre.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

// Values of Mixes::rows that are no row of the batch.
inline constexpr int32_t kUnused = -1;  // as x: the key is not in use
inline constexpr int32_t kCentre = -1;  // as y: the centre of natural faces

// A mix shorter than this has no direction: its key is not in use.
inline constexpr float kShortestMix = 1e-4f;

// Decides each key's rows and weight from counter-based draws, one stream per (seed, step, key). One lane a
// key.
//   extrapolated: x = marginal_real[k], y = centre, weight = 1 + Beta(2, 2), in (1, 2)
//   fused pair:   x, y two of the hard fakes, weight = U(0, 1)
//   with centre:  x one of the hard fakes, y = centre, weight = 1 - U(0, 1/2)
// Keys without rows to mix (two hard fakes for a pair), and all of a kind that is off, are kUnused.
struct DrawMixes {
  const int32_t* marginal_real;  // [reals] rows or -1, of MineHardRows
  const int32_t* hard_fake;      // [fakes] rows or -1
  const float* scalars;          // kHardPositives, kHardNegatives: 0 off, 1 on
  const uint32_t* step;          // [1] of training, part of the random stream
  int32_t* rows;                 // [keys, 2] x, y
  float* weight;                 // [keys]
  int64_t reals, fakes;
  int64_t pairs, with_centre;  // keys = reals + pairs + with_centre
  uint64_t seed;

  RC_INLINE int64_t keys() const { return reals + pairs + with_centre; }
  Grid grid() const { return {.blocks = keys() > 0 ? 1 : 0, .lanes = 64}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Makes the keys; one that is not in use becomes a row of zeros with norm 0. The guard: an extrapolated real
// must not land on the fakes' side, so beyond their mean distance to the centre it is the marginal real
// itself (weight 1). Writes the weight that was used, and kUnused for a mix too short. Reads 3 n, writes n
// elements (n = keys * dim); 8 n FLOPs.
struct MixKeys {
  const float* z;              // [batch, dim] unit rows
  const float* centre;         // [dim] unit
  const float* fake_distance;  // [1] mean over the fakes, of MineHardRows
  int32_t* rows;               // [keys, 2] in place
  float* weight;               // [keys] in place
  float* key;                  // [keys, dim] unit rows, or zeros
  float* norm;                 // [keys] |w|, 0 where not in use
  int64_t keys, dim;
  int64_t guarded;  // the first so many keys are extrapolated reals

  Grid grid() const { return {.blocks = keys, .lanes = 128}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dz[row] += sum over keys of the key's share in the row * dw[key], keys in order. To detach keys, leave them
// out. One block a row of the batch. Reads at most 2 keys * dim + batch * dim, writes batch * dim elements.
struct RouteMixes {
  const float* dw;      // [keys, dim] gradient of the unnormalised mixes
  const int32_t* rows;  // [keys, 2]
  const float* weight;  // [keys]
  float* dz;            // [batch, dim] in place
  int64_t batch, keys, dim;

  Grid grid() const { return {.blocks = keys > 0 ? batch : 0, .lanes = 128}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
