// The detector: a backbone, a classifier (real, fake) and what its objective needs besides: under the
// real-centric one a projection head with centres of natural faces (real-centric consistency learning; a
// reconstruction), or the parts of a control. Traced once for training and once for inference, on the same
// variables.
#pragma once

#include <cstdint>
#include <string>

#include "engine/graph.h"
#include "model/ops/contrastive_keys.h"
#include "model/ops/contrastive_loss.h"
#include "model/ops/optimizer.h"

namespace rc {

// What is trained beside cross-entropy.
enum class Objective : uint8_t {
  cross_entropy,  // nothing
  real_centric,  // contrastive margin loss of the projected embeddings; SupCon is its margin 0 without mining
  single_centre,  // control: SCL of the pooled features (Li et al., CVPR 2021)
  consistency,    // control: CORE's cosine of two views' pooled features (Ni et al., CVPRW 2022)
};

// The projection head: features -> linear -> ReLU -> linear -> embedding.
enum class Projection : uint8_t {
  mlp,       // plain, as SupCon's (Khosla et al., NeurIPS 2020)
  mlp_norm,  // batch norm before the ReLU, as SimCLR's (Chen et al., ICML 2020): the batch cannot shrink to a
             // point
};

inline constexpr float kAsPublished = -1;

struct DetectorOptions {
  std::string backbone = "resnet18";
  // Of the classifier's input, and of stochastic depth at the backbone's end; below 0: as published.
  float dropout = kAsPublished, drop_path = kAsPublished;
  int64_t embed_dim = 128;
  Projection projection = Projection::mlp;
  Objective objective = Objective::real_centric;
  float mean = 0.5f, std = 0.5f;  // of the pixels' normalisation
  KeyOptions keys;
  ContrastiveOptions loss;
  float single_centre_margin = 0.3f;
  int recomputed_blocks = 0;  // Graph::recompute_blocks, of training
  uint64_t seed = 0;          // of first values and of synthesis
};

// A traced training step. Before each run the caller writes the inputs.
struct TrainingStep {
  Value pixels, flip;    // inputs: u8 [N, S, S, 3], u8 [N]
  Value label, tuple;    // inputs: i32 [N]
  Value scalars, step;   // inputs: f32 [kScalars], i32 [1]
  Value cross_entropy;   // [1]
  Value probabilities;   // [N, 2]
  Value objective;       // its loss first; [kContrastiveResults] if real-centric; empty without one
  ContrastiveKeys keys;  // kept, if real-centric; `keys.distance` is the real distance
  Value gradient_facts;  // [kGradientFacts]
};
TrainingStep trace_training(Graph&, const DetectorOptions&, const OptimizerOptions&, int64_t batch,
                            int64_t size);

struct Inference {
  Value pixels, flip;  // inputs
  Value logits;        // [N, 2]
  Value embedding;     // [N, D] raw; empty unless real-centric
  Value distance;      // [N] to the nearest centre of natural faces; empty likewise
  // Empty unless `inspected`: what the decision is made of. The logits are features w^T + b, and the features
  // are the map's means over its pixels.
  Value feature_map;  // [N, H, W, F] of the backbone's last layer
  Value features;     // [N, F]
  Value classifier;   // [2, F], w
};
Inference trace_inference(Graph&, const DetectorOptions&, int64_t batch, int64_t size,
                          bool inspected = false);

}  // namespace rc
