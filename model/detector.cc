#include "model/detector.h"

#include <array>
#include <string_view>

#include "kernels/scalars.h"
#include "model/backbone.h"
#include "model/init.h"
#include "model/layers.h"
#include "model/ops/add.h"
#include "model/ops/consistency.h"
#include "model/ops/cross_entropy.h"
#include "model/ops/image.h"
#include "model/ops/real_distance.h"
#include "model/ops/single_centre.h"

namespace rc {
namespace {

struct Outputs {
  Value features;   // [N, F] pooled
  Value logits;     // [N, 2]
  Value embedding;  // [N, D], or empty
};

Outputs trace_network(Graph& graph, const DetectorOptions& o, Value pixels, Value flip, Value step) {
  const Backbone& backbone = find_backbone(o.backbone);
  const Layers layers{graph, o.seed, step, o.drop_path < 0 ? backbone.drop_path : o.drop_path};
  const float dropout = o.dropout < 0 ? backbone.dropout : o.dropout;
  Outputs out;
  out.features = backbone.features(layers, normalise_images(pixels, flip, o.mean, o.std));
  const std::string name = backbone.classifier;
  out.logits = layers.linear(layers.dropout(out.features, name, dropout), name, 2);
  if (o.objective == Objective::real_centric) {
    const Graph::Scope scope(graph, "projection");
    const bool norm = o.projection == Projection::mlp_norm;
    Value hidden = layers.linear(out.features, "0", out.features.shape()[1], !norm);
    if (norm) hidden = layers.norm({hidden}, "1", Activation::relu);
    out.embedding = layers.linear(hidden, "2", o.embed_dim);
  }
  return out;
}

// What the features are means of.
Value feature_map(const Graph& graph, Value features) {
  const Node& mean = graph.nodes()[size_t(graph.values()[size_t(features.id)].producer)];
  check(std::string_view(mean.op->name()) == "global_average_pool", "a backbone ends in a mean over pixels");
  return mean.in[0];
}

Value real_centres(Graph& graph, const DetectorOptions& o) {
  return graph.variable(graph.variables().buffer("centre.real", {DType::f32, {o.keys.centres, o.embed_dim}}));
}

constexpr const char* kLearnedCentre = "scl.centre";

// SCL's centre of natural features, learned like any other parameter.
Value learned_centre(Graph& graph, const DetectorOptions& o, int64_t features) {
  return graph.variable(
      graph.variables().parameter(kLearnedCentre, {1, features}, standard_normal(o.seed, kLearnedCentre)));
}

void trace_real_centric(TrainingStep& t, Graph& graph, const DetectorOptions& o, Value embedding) {
  const Value started =
      graph.variable(graph.variables().buffer("centre.started", {DType::i32, {o.keys.centres}}));
  KeyOptions keys = o.keys;
  keys.seed = o.seed;
  t.keys = contrastive_keys(embedding, t.label, real_centres(graph, o), started, t.scalars, t.step, keys);
  t.objective = contrastive_loss(t.keys, t.label, t.tuple, t.scalars, o.loss);
  for (const Value kept : {t.keys.keys, t.keys.rows, t.keys.distance}) graph.keep(kept);
}

}  // namespace

TrainingStep trace_training(Graph& graph, const DetectorOptions& o, const OptimizerOptions& optimizer,
                            int64_t batch, int64_t size) {
  TrainingStep t;
  t.pixels = graph.input({DType::u8, {batch, size, size, 3}});
  t.flip = graph.input({DType::u8, {batch}});
  t.label = graph.input({DType::i32, {batch}});
  t.tuple = graph.input({DType::i32, {batch}});
  t.scalars = graph.input({DType::f32, {kScalars}});
  t.step = graph.input({DType::i32, {1}});

  const Outputs out = trace_network(graph, o, t.pixels, t.flip, t.step);
  const CrossEntropyValues ce = cross_entropy(out.logits, t.label, t.scalars);
  t.cross_entropy = ce.loss, t.probabilities = ce.probabilities;
  switch (o.objective) {
    case Objective::cross_entropy:
      break;
    case Objective::real_centric:
      trace_real_centric(t, graph, o, out.embedding);
      break;
    case Objective::single_centre:
      t.objective =
          single_centre_loss(out.features, t.label, learned_centre(graph, o, out.features.shape()[1]),
                             t.scalars, o.single_centre_margin);
      break;
    case Objective::consistency:
      t.objective = consistency_loss(out.features, t.scalars);
      break;
  }
  std::vector<Value> losses = {ce.loss};
  if (t.objective) losses.push_back(t.objective), graph.keep(t.objective);
  graph.keep(t.cross_entropy);
  graph.keep(t.probabilities);
  graph.recompute_blocks(o.recomputed_blocks);
  graph.backward(losses, add);
  // What only the objective reaches was declared last.
  const std::string first = o.objective == Objective::real_centric    ? "projection.0.weight"
                            : o.objective == Objective::single_centre ? kLearnedCentre
                                                                      : "";
  t.gradient_facts = update_parameters(graph, t.scalars, optimizer, first);
  return t;
}

Inference trace_inference(Graph& graph, const DetectorOptions& o, int64_t batch, int64_t size,
                          bool inspected) {
  Inference f;
  f.pixels = graph.input({DType::u8, {batch, size, size, 3}});
  f.flip = graph.input({DType::u8, {batch}});
  const Outputs out = trace_network(graph, o, f.pixels, f.flip, {});
  f.logits = out.logits;
  graph.keep(f.logits);
  if (o.objective == Objective::real_centric) {
    f.embedding = out.embedding;
    f.distance = real_distance(out.embedding, real_centres(graph, o));
    graph.keep(f.embedding);
    graph.keep(f.distance);
  }
  if (inspected) {
    f.feature_map = feature_map(graph, out.features), f.features = out.features;
    f.classifier = graph.variable(
        *graph.variables().find(find_backbone(o.backbone).classifier + std::string(".weight")));
    for (const Value kept : {f.feature_map, f.features}) graph.keep(kept);
  }
  // Nothing is computed from it here, but a stored detector has it.
  if (o.objective == Objective::single_centre) learned_centre(graph, o, out.features.shape()[1]);
  return f;
}

}  // namespace rc
