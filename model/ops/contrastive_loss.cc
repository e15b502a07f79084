#include "model/ops/contrastive_loss.h"

#include "engine/error.h"
#include "model/ops/contrastive_parts.h"

namespace rc {

// From so many keys on the fused op is faster.
constexpr int64_t kFusedKeys = 256;

Value contrastive_loss(const ContrastiveKeys& keys, Value label, Value tuple, Value scalars,
                       const ContrastiveOptions& options) {
  const Pairs pairs = contrastive_pairs(label.shape()[0], keys, options);
  const bool fits = fused_contrast_fits(pairs, options);
  bool fused = options.kernel == ContrastiveKernel::fused;
  if (fused && !fits)
    throw Error(Exit::usage, "logits of cosines over so small a temperature leave the fused kernel's range",
                "temperature " + std::to_string(options.temperature), "the materialised kernel takes any");
  if (options.kernel == ContrastiveKernel::automatic) fused = fits && pairs.keys() >= kFusedKeys;
  return fused ? fused_contrastive_loss(keys, label, tuple, scalars, options)
               : matrix_contrastive_loss(keys, label, tuple, scalars, options);
}

}  // namespace rc
