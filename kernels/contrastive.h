// Supervised contrastive margin loss with the batch and synthetic keys (reconstruction: SupCon, Khosla et
// al., NeurIPS 2020, with the margin of CosFace or ArcFace on positive pairs).
//
// One contiguous array K [keys, D] holds the batch's unit rows, then extrapolated reals, then fused fakes;
// its first A rows are the anchors (the batch, and under `positives_anchor` the extrapolated reals). The
// whole pass:
//   S = K[:A] K^T                          GEMM [A, keys]
//   ContrastiveRows: S -> G = dL/dS        in place, scaled by scalars[kObjectiveWeight] / counted anchors
//   dK = G^T K[:A]                         GEMM [keys, D], key side
//   dK[:A] += G K                          GEMM [A, D], anchor side
// and then the synthetic rows of dK flow to the batch's (synthesis.h), and those to raw rows (normalise.h).
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"
#include "kernels/pairs.h"

namespace rc {

enum class ContrastiveForm : uint8_t {
  joint,     // D1: positives compete with each other in one softmax; margin 0 is SupCon
  separate,  // D2: each positive against the negatives alone; eps-SupInfoNCE (Barbano et al., ICLR 2023)
};
enum class Margin : uint8_t {
  cosine,  // phi(s) = s - m
  arc,     // phi(s) = cos(acos s + m); s - m sin m where acos s + m would pass pi
};

// phi of a positive pair. The sine and cosine of m are taken once, on the host.
struct MarginRule {
  Margin kind;
  float m, cos_m, sin_m;  // m is a cosine, or radians

  static MarginRule of(Margin kind, float m) { return {kind, m, std::cos(m), std::sin(m)}; }
};

// Loss and gradient of each anchor, from the similarities. An anchor without positives has loss 0 and a zero
// row of G. One block an anchor. Reads S a few times and writes it once, from cache: about 40 FLOPs and two
// exponentials a pair.
struct ContrastiveRows {
  Pairs pairs;
  const float* scalars;    // kObjectiveWeight: the share beta of this loss in the total
  float* s;                // [anchors, keys] cosines in, G out
  float* loss;             // [anchors] unscaled
  float* positive_cosine;  // [anchors] mean over the positives, 0 without any
  float* negative_cosine;  // [anchors] largest of the negatives, -1 without any
  ContrastiveForm form = ContrastiveForm::joint;
  MarginRule margin = MarginRule::of(Margin::cosine, 0.2f);
  float temperature = 0.1f;  // tau

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = pairs.anchors()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// What ContrastiveSummary writes.
enum ContrastiveResult : int {
  kContrastiveLoss,  // mean over counted anchors, 0 without any; not scaled by kObjectiveWeight
  kCountedAnchors,   // anchors in use that have a positive
  kLeftOutAnchors,   // anchors in use that have none
  kPositiveCosine,   // mean over counted anchors of their mean
  kHardestNegative,  // mean over counted anchors of their largest
  kContrastiveResults
};

// The means over anchors. One block. Reads 3 anchors elements.
struct ContrastiveSummary {
  Pairs pairs;
  const float *loss, *positive_cosine, *negative_cosine;  // [anchors] of ContrastiveRows
  float* result;                                          // [kContrastiveResults]

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
