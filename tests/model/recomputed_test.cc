// What ops ask to have computed again for the backward pass instead of being kept: the same bits as if all
// was kept, for less memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "engine/program.h"
#include "model/backbone.h"
#include "model/layers.h"
#include "model/ops/add.h"
#include "model/ops/image.h"
#include "tests/engine/weighted_sum.h"
#include "tests/train/noise_batch.h"

namespace rc {
namespace {

constexpr int kBatch = 2, kSize = 64;

struct Step {
  std::string bytes;  // of all gradients and running statistics
  size_t arena = 0;
  int joins = 0, convolutions = 0, depthwise = 0, casts = 0;  // computed again
};

Step step_of(const std::string& backbone, DType precision, bool keep_all, bool run = true) {
  const auto device = open_device("cpu");
  Variables variables;
  auto graph = std::make_unique<Graph>(*device, variables, Policy{.precision = precision}, true);
  const Value pixels = graph->input({DType::u8, {kBatch, kSize, kSize, 3}}),
              flip = graph->input({DType::u8, {kBatch}});
  const Value features =
      find_backbone(backbone).features(Layers{*graph}, normalise_images(pixels, flip, 0.5f, 0.5f));
  const Value loss = graph->add(std::make_shared<WeightedSum>(), {features}, TensorDesc{DType::f32, {1}});
  for (int id = 0; keep_all && id < int(graph->values().size()); ++id)
    if (graph->values()[size_t(id)].producer >= 0) graph->keep({graph.get(), id});
  graph->backward(std::array{loss}, add);
  Program program(std::move(graph));

  Step step;
  step.arena = program.arena_bytes();
  for (const Node& node : program.graph().nodes()) {
    if (node.phase != Phase::recomputed) continue;
    const std::string op = node.op->name();
    step.joins += op == "batch_norm" && node.in[1];
    step.convolutions += op == "conv2d";
    step.depthwise += op == "depthwise";
    step.casts += op == "cast";
  }
  if (!run) return step;

  variables.allocate(*device);
  program.prepare();
  const Batch batch = noise_batch(kBatch, kSize);
  device->upload(program.tensor(pixels).data, batch.pixels.data(), batch.pixels.size());
  device->upload(program.tensor(flip).data, batch.flip.data(), batch.flip.size());
  program.run();
  for (const auto& v : variables.all()) {
    const Tensor t = v->trained ? variables.gradient(*v) : variables.tensor(*v);
    step.bytes.append(static_cast<const char*>(t.data), v->desc.bytes());
  }
  return step;
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("what is computed again in the backward pass changes no bit of a gradient") {
    for (const DType precision : {DType::f32, DType::bf16})
      for (const std::string backbone : {"resnet18", "resnet50", "xception"}) {
        CAPTURE(backbone);
        CAPTURE(int(precision));
        const Step kept = step_of(backbone, precision, true), again = step_of(backbone, precision, false);
        CHECK(kept.joins + kept.convolutions + kept.depthwise + kept.casts == 0);
        CHECK(again.bytes == kept.bytes);
        CHECK(again.arena < kept.arena);
      }
  }

  TEST_CASE("residual sums in a row are computed again but for every fourth, and wide maps of large images") {
    const auto planned = [](const char* backbone) { return step_of(backbone, DType::f32, false, false); };
    const Step resnet18 = planned("resnet18"), resnet50 = planned("resnet50"), xception = planned("xception");
    // Stages of 2, 2, 2, 2 and of 3, 4, 6, 3 blocks; a stage without a norm in its shortcut keeps its first.
    CHECK(resnet18.joins == 1 + 2 + 2 + 2);
    CHECK(resnet50.joins == 3 + 3 + 5 + 3);
    CHECK(xception.joins == 6);             // of 8 in the middle flow; what max pooling is added to is kept
    CHECK(resnet50.convolutions == 1 + 3);  // the first of all, and the widest of the first stage
    CHECK(xception.depthwise == 3 * 2);
  }
}

}  // namespace rc
