#include "model/ops/contrastive_loss.h"

#include "engine/error.h"
#include "model/ops/contrastive_parts.h"

namespace rc {

// From so many keys on the fused op is faster. Time with the matrix / without it, forward and backward of
// `bench loss`, 128 dimensions, two cores with AVX-512: 0.8 at 80 keys, 0.9 to 1.1 at 96, 1.4 at 128, 1.8 at
// 256.
constexpr int64_t kFusedKeys = 100;

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
