// Supervised contrastive margin loss over batch and synthetic keys (reconstruction; formulas in
// kernels/contrastive.h).
#pragma once

#include "engine/graph.h"
#include "kernels/contrastive.h"
#include "model/ops/contrastive_keys.h"

namespace rc {

enum class ContrastiveKernel : uint8_t {
  automatic,     // the faster of the two at this size
  materialised,  // with the matrix of similarities (kernels/contrastive.h)
  fused,         // without it (kernels/contrastive_fused.h): memory grows with keys, not with their square
};

struct ContrastiveOptions {
  ContrastiveForm form = ContrastiveForm::joint;
  Margin margin = Margin::cosine;
  float m = 0.2f;
  float temperature = 0.1f;
  // Of pairs within one tuple of forgery: weight w of positives, factor nu of negatives in the softmax.
  float tuple_weight = 1, tuple_factor = 1;
  ContrastiveKernel kernel = ContrastiveKernel::automatic;
};

// [kContrastiveResults], the mean loss first; a loss for Graph::backward, weighted by
// scalars[kObjectiveWeight]. tuple [batch] i32, the same number for images of one tuple and -1 for none, or
// empty: no tuples. Throws Error(usage) where the fused kernel is asked for and cannot take the temperature.
Value contrastive_loss(const ContrastiveKeys&, Value label, Value tuple, Value scalars,
                       const ContrastiveOptions&);

}  // namespace rc
