// The detector: a backbone, a classifier (real, fake) and, under the full objective, a projection head with
// the centre of natural faces (real-centric consistency learning; a reconstruction). Traced once for training
// and once for inference, on the same variables.
#pragma once

#include <cstdint>
#include <string>

#include "engine/graph.h"
#include "model/ops/contrastive_keys.h"
#include "model/ops/contrastive_loss.h"
#include "model/ops/optimizer.h"

namespace rc {

struct DetectorOptions {
  std::string backbone = "resnet18";
  int64_t embed_dim = 128;
  bool contrastive = true;        // false: cross-entropy alone, no projection head
  float mean = 0.5f, std = 0.5f;  // of the pixels' normalisation
  KeyOptions keys;
  ContrastiveOptions loss;
  uint64_t seed = 0;  // of first values and of synthesis
};

// A traced training step. Before each run the caller writes the inputs.
struct TrainingStep {
  Value pixels, flip, label;  // inputs: u8 [N, S, S, 3], u8 [N], i32 [N]
  Value scalars, step;        // inputs: f32 [kScalars], i32 [1]
  Value cross_entropy;        // [1]
  Value probabilities;        // [N, 2]
  Value contrastive;          // [kContrastiveResults]; empty without the contrastive part
  Value distance;             // [N] real distance; empty without
  Value gradient_facts;       // [kGradientFacts]
};
TrainingStep trace_training(Graph&, const DetectorOptions&, const OptimizerOptions&, int64_t batch,
                            int64_t size);

struct Inference {
  Value pixels, flip;  // inputs
  Value logits;        // [N, 2]
  Value embedding;     // [N, D] raw; empty without the contrastive part
  Value distance;      // [N]; empty without
};
Inference trace_inference(Graph&, const DetectorOptions&, int64_t batch, int64_t size);

}  // namespace rc
