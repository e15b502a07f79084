#include "model/detector.h"

#include <array>

#include "kernels/scalars.h"
#include "model/layers.h"
#include "model/ops/add.h"
#include "model/ops/cross_entropy.h"
#include "model/ops/image.h"
#include "model/ops/real_distance.h"
#include "model/resnet.h"

namespace rc {
namespace {

struct Outputs {
  Value logits;     // [N, 2]
  Value embedding;  // [N, D], or empty
};

Outputs trace_network(Graph& graph, const DetectorOptions& o, Value pixels, Value flip) {
  const Layers layers{graph, o.seed};
  check(o.backbone == "resnet18", "unknown backbone", o.backbone);
  const Value features = resnet18(layers, normalise_images(pixels, flip, o.mean, o.std));
  Outputs out{layers.linear(features, "fc", 2), {}};
  if (o.contrastive) {
    const Graph::Scope scope(graph, "projection");
    out.embedding = layers.linear(layers.linear(features, "0", features.shape()[1], true), "2", o.embed_dim);
  }
  return out;
}

Value centre_variable(Graph& graph, const DetectorOptions& o) {
  return graph.variable(graph.variables().buffer("centre.real", {DType::f32, {1, o.embed_dim}}));
}

}  // namespace

TrainingStep trace_training(Graph& graph, const DetectorOptions& o, const OptimizerOptions& optimizer,
                            int64_t batch, int64_t size) {
  TrainingStep t;
  t.pixels = graph.input({DType::u8, {batch, size, size, 3}});
  t.flip = graph.input({DType::u8, {batch}});
  t.label = graph.input({DType::i32, {batch}});
  t.scalars = graph.input({DType::f32, {kScalars}});
  t.step = graph.input({DType::i32, {1}});

  const Outputs out = trace_network(graph, o, t.pixels, t.flip);
  const CrossEntropyValues ce = cross_entropy(out.logits, t.label, t.scalars);
  t.cross_entropy = ce.loss, t.probabilities = ce.probabilities;
  std::vector<Value> losses = {ce.loss};
  if (o.contrastive) {
    const Value started = graph.variable(graph.variables().buffer("centre.started", {DType::i32, {1}}));
    KeyOptions key_options = o.keys;
    key_options.seed = o.seed;
    const ContrastiveKeys keys = contrastive_keys(out.embedding, t.label, centre_variable(graph, o), started,
                                                  t.scalars, t.step, key_options);
    t.contrastive = contrastive_loss(keys, t.label, {}, t.scalars, o.loss);
    t.distance = keys.distance;
    losses.push_back(t.contrastive);
    graph.keep(t.contrastive);
    graph.keep(t.distance);
  }
  graph.keep(t.cross_entropy);
  graph.keep(t.probabilities);
  graph.backward(losses, add);
  t.gradient_facts = update_parameters(graph, t.scalars, optimizer);
  return t;
}

Inference trace_inference(Graph& graph, const DetectorOptions& o, int64_t batch, int64_t size) {
  Inference f;
  f.pixels = graph.input({DType::u8, {batch, size, size, 3}});
  f.flip = graph.input({DType::u8, {batch}});
  const Outputs out = trace_network(graph, o, f.pixels, f.flip);
  f.logits = out.logits;
  graph.keep(f.logits);
  if (o.contrastive) {
    f.embedding = out.embedding;
    f.distance = real_distance(out.embedding, centre_variable(graph, o));
    graph.keep(f.embedding);
    graph.keep(f.distance);
  }
  return f;
}

}  // namespace rc
