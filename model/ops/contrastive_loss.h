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
};

// [kContrastiveResults], the mean loss first; a loss for Graph::backward, weighted by
// scalars[kContrastiveWeight].
Value contrastive_loss(const ContrastiveKeys&, Value label, Value scalars, const ContrastiveOptions&);

}  // namespace rc
