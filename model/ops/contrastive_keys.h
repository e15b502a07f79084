// The keys of the contrastive loss: the batch on the unit sphere, extrapolated marginal rows, fused hard rows
// (reconstruction; the laws stand in kernels/centre.h, kernels/mining.h and kernels/synthesis.h).
#pragma once

#include <cstdint>

#include "engine/graph.h"

namespace rc {

enum class Classes : uint8_t { real, both };              // whose rows are made into synthetic keys
enum class Extrapolation : uint8_t { linear, geodesic };  // away from the centre on a line, or on the sphere
enum class HardSet : uint8_t {
  global,  // fakes nearest to the centre of natural faces, one set for all anchors
  anchor,  // of each anchor, its most similar rows of the other class (MoCHi)
};

struct KeyOptions {
  // Centres of natural faces. Row i belongs to the nearest, or with `centre_per_view` to that of its view
  // (views = centres; the batch is view after view).
  int64_t centres = 1;
  bool centre_per_view = false;
  float centre_keep = 0.9f;  // share of the old centre in the moving average

  // Hard positives: marginal rows, extrapolated beyond the margin of their class.
  float share = 0.25f;  // of the class: how many are mined; 0: none
  Extrapolation extrapolation = Extrapolation::linear;
  Classes positive_classes = Classes::real;
  bool detach_positives = false;  // no gradient through synthetic positives
  bool positives_anchor = false;  // they are anchors instead of keys

  // Hard negatives: fused rows of the other class.
  HardSet hard_set = HardSet::global;
  int64_t hard_fakes = 8;                    // rows of a hard set
  int64_t pairs = 16, with_centre = 8;       // fused pairs of hard rows; hard fakes fused with the centre
  Classes negative_classes = Classes::real;  // anchors that get them; both: hard reals are fused for fakes
  bool detach_negatives = false;
  int64_t queue = 0;  // detached fakes of earlier steps that the hard sets are mined from as well

  uint64_t seed = 0;
};

struct ContrastiveKeys {
  Value keys;      // [batch + positives + negatives, D] unit rows, zeros where not in use
  Value rows;      // [positives + negatives, 2] i32: what each synthetic key is made of (kernels/synthesis.h)
  Value weight;    // [positives + negatives]: the share of the first in it
  Value distance;  // [batch] 1 - z . c, c the row's centre
  Value owner;     // [negatives] i32: whose key a fused one is (kernels/pairs.h); empty: everyone's
  int64_t positives = 0, negatives = 0;
  bool positives_anchor = false;
};

// v [batch, D] raw embeddings, label [batch] i32, centre [centres, D] and started [centres] i32 variables,
// scalars [kScalars], step [1] i32. A queue is made of buffers of the graph's variables ("queue.fake" [queue,
// D], "queue.state" [2] i32). Moves the centres by the batch's reals first. The gradient flows through
// synthetic keys to the rows of the batch that they are made of, unless they are detached; none to a centre
// or to the queue.
ContrastiveKeys contrastive_keys(Value v, Value label, Value centre, Value started, Value scalars, Value step,
                                 const KeyOptions&);

}  // namespace rc
