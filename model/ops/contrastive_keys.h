// The keys of the contrastive loss: the batch on the unit sphere, extrapolated marginal rows, fused hard rows
// (reconstruction; the laws stand in kernels/centre.h, mining.h, draws.h, synthesis.h and extrapolation.h).
#pragma once

#include <cstdint>

#include "engine/graph.h"

namespace rc {

enum class Classes : uint8_t { real, both };              // whose rows are made into synthetic keys
enum class Extrapolation : uint8_t { linear, geodesic };  // away from the centre on a line, or on the sphere
enum class HardSet : uint8_t {
  global,  // fakes nearest to their centre of natural faces, one set for all anchors
  anchor,  // of each anchor, its most similar rows of the other class (MoCHi)
};

struct KeyOptions {
  // Centres of natural faces. Row i belongs to the nearest, or with `centre_per_view` to that of its view
  // (views = centres; the batch is view after view). Fakes of the queue belong to the nearest.
  int64_t centres = 1;
  bool centre_per_view = false;
  float centre_keep = 0.9f;  // share of the old centre in the moving average

  // Hard positives: marginal rows, extrapolated beyond the margin of their class.
  float share = 0.25f;  // of the class: how many are mined; 0: none
  Extrapolation extrapolation = Extrapolation::linear;
  Classes positive_classes = Classes::real;  // both: as many places for fakes, which move towards the centre
  bool detach_positives = false;             // no gradient through synthetic positives
  bool positives_anchor = false;             // they are anchors instead of keys

  // Hard negatives: fused rows of the other class.
  HardSet hard_set = HardSet::global;
  int64_t hard_fakes = 8;                    // rows of a hard set
  int64_t pairs = 16, with_centre = 8;       // fused pairs of hard rows; hard fakes fused with the centre
  Classes negative_classes = Classes::real;  // anchors that get them; both: hard reals are fused for fakes
  bool detach_negatives = false;
  int64_t queue = 0;  // detached fakes of earlier steps that the hard sets are mined from as well

  uint64_t seed = 0;
};

// Synthetic keys lie in order:
//   positives: marginal_count(share, batch) places for extrapolated reals, and under Classes::both as many
//              for extrapolated fakes
//   negatives: `pairs` fused of the hard fakes, `with_centre` of a hard fake and its centre, and under
//              Classes::both `pairs` of the hard reals; or under HardSet::anchor `pairs` and `with_centre` of
//              each row of the batch in turn, in use for reals, and under Classes::both the pairs for fakes
struct ContrastiveKeys {
  Value keys;    // [batch + positives + negatives, D] unit rows, zeros where not in use
  Value rows;    // [positives + negatives, 2] i32: what each synthetic key is made of (kernels/synthesis.h);
                 // batch + place is a row of the queue as it was before this step's fakes came in
  Value weight;  // [positives + negatives]: the share of the first in it, as used; 0 where not in use
  Value distance;  // [batch] 1 - z . c, c the row's centre after this step's move
  Value owner;     // [negatives] i32: whose key a fused one is (kernels/pairs.h); empty: everyone's
  int64_t positives = 0, negatives = 0;
  bool positives_anchor = false;
};

// v [batch, D] raw embeddings, label [batch] i32, centre [centres, D] and started [centres] i32 variables,
// scalars [kScalars], step [1] i32. A queue is made of buffers of the graph's variables ("queue.fake" [queue,
// D], "queue.state" [2] i32, kernels/queue.h). Moves the centres by the batch's reals first, and puts the
// batch's fakes into the queue last. The gradient flows through synthetic keys to the rows of the batch that
// they are made of, unless they are detached; none to a centre or to the queue.
ContrastiveKeys contrastive_keys(Value v, Value label, Value centre, Value started, Value scalars, Value step,
                                 const KeyOptions&);

}  // namespace rc
