// The two ops that contrastive_loss (contrastive_loss.h) chooses from, and what they share.
#pragma once

#include <cmath>

#include "model/ops/contrastive_loss.h"

namespace rc {

// Arguments and result as of contrastive_loss.
Value matrix_contrastive_loss(const ContrastiveKeys&, Value label, Value tuple, Value scalars,
                              const ContrastiveOptions&);
Value fused_contrastive_loss(const ContrastiveKeys&, Value label, Value tuple, Value scalars,
                             const ContrastiveOptions&);

// Whether the logits stay in the range that the fused op asks for (FusedContrast::fits).
bool fused_contrast_fits(const Pairs&, const ContrastiveOptions&);

// Who is what to whom, but for the operands.
inline Pairs contrastive_pairs(int64_t batch, const ContrastiveKeys& keys,
                               const ContrastiveOptions& options) {
  return {.label = nullptr,
          .rows = nullptr,
          .batch = batch,
          .positives = keys.positives,
          .negatives = keys.negatives,
          .positives_anchor = keys.positives_anchor,
          .tuple_weight = options.tuple_weight,
          .tuple_shift = std::log(options.tuple_factor)};
}

// Both ops' inputs: keys, label, rows, scalars, tuple and owner (either may be empty).
inline std::vector<Value> contrastive_inputs(const ContrastiveKeys& keys, Value label, Value tuple,
                                             Value scalars) {
  return {keys.keys, label, keys.rows, scalars, tuple, keys.owner};
}
inline Pairs with_operands(Pairs pairs, const Arguments& a) {
  pairs.label = a.in[1].as<int32_t>();
  pairs.rows = a.in[2].as<int32_t>();
  if (a.in[4].data) pairs.tuple = a.in[4].as<int32_t>();
  if (a.in[5].data) pairs.owner = a.in[5].as<int32_t>();
  return pairs;
}

}  // namespace rc
