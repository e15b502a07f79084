// Supervised contrastive margin loss over batch and synthetic keys (reconstruction; formulas in
// kernels/contrastive.h).
#pragma once

#include "engine/graph.h"
#include "kernels/contrastive.h"
#include "model/ops/contrastive_keys.h"

namespace rc {

struct ContrastiveOptions {
  ContrastiveForm form = ContrastiveForm::joint;
  Margin margin = Margin::cosine;
  float m = 0.2f;
  float temperature = 0.1f;
  // Of pairs within one tuple of forgery: weight w of positives, factor nu of negatives in the softmax.
  float tuple_weight = 1, tuple_factor = 1;
};

// [kContrastiveResults], the mean loss first; a loss for Graph::backward, weighted by
// scalars[kContrastiveWeight]. tuple [batch] i32, the same number for images of one tuple and -1 for none, or
// empty: no tuples.
Value contrastive_loss(const ContrastiveKeys&, Value label, Value tuple, Value scalars,
                       const ContrastiveOptions&);

}  // namespace rc
