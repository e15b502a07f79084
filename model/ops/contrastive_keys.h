// The keys of the contrastive loss: the batch on the unit sphere, extrapolated marginal reals, fused hard
// fakes (reconstruction; the laws stand in kernels/mining.h and kernels/synthesis.h).
#pragma once

#include <cstdint>

#include "engine/graph.h"

namespace rc {

struct KeyOptions {
  float share = 0.25f;                  // of the reals: how many marginal ones are extrapolated
  int64_t hard_fakes = 8;               // mined fakes, of which the fused negatives are made
  int64_t pairs = 16, with_centre = 8;  // fused pairs of fakes; fakes fused with the centre
  float centre_keep = 0.9f;             // share of the old centre in the moving average
  uint64_t seed = 0;
};

struct ContrastiveKeys {
  Value keys;      // [batch + positives + negatives, D] unit rows, zeros where not in use
  Value rows;      // [positives + negatives, 2] i32: what each synthetic key is made of (kernels/synthesis.h)
  Value weight;    // [positives + negatives]: the share of the first in it
  Value distance;  // [batch] 1 - z . c
  int64_t positives = 0, negatives = 0;
};

// v [batch, D] raw embeddings, label [batch] i32, centre [1, D] and started [1] i32 variables, scalars
// [kScalars], step [1] i32. Moves the centre by the batch's reals first. The gradient flows through synthetic
// keys to the rows that they are made of; none to the centre.
ContrastiveKeys contrastive_keys(Value v, Value label, Value centre, Value started, Value scalars, Value step,
                                 const KeyOptions&);

}  // namespace rc
