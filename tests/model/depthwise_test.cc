// Depthwise convolution as a graph op: its gradients, a norm in front of it, its errors, and what it says
// that it costs.
#include "model/ops/depthwise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/program.h"
#include "engine/rng.h"
#include "model/ops/add.h"
#include "tests/engine/weighted_sum.h"
#include "tests/model/norm_net.h"

namespace rc {
namespace {

std::function<void(std::vector<float>&)> small_integers(uint32_t stream) {
  return [stream](std::vector<float>& v) {
    Rng rng(4, Purpose::test, stream);
    for (float& x : v) x = float(rng.below(5)) - 2;
  };
}

// Two layers: the gradient of the first one's filter passes through the second. Whole numbers up to 36, then
// 1800, then 1.9e6: every sum is exact.
struct TwoLayers {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value x, loss;
  std::unique_ptr<Program> program;

  explicit TwoLayers(int64_t block) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    x = graph->input({DType::f32, {1, 8, 7, 32}, block});
    const Value a = graph->variable(variables.parameter("a", {32, 3, 3, 1}, small_integers(1)));
    const Value b = graph->variable(variables.parameter("b", {32, 5, 5, 1}, small_integers(2)));
    const Value y = depthwise_conv2d(depthwise_conv2d(x, a, 1, 1), b, 2, 2);
    CHECK(y.shape() == Shape{1, 4, 4, 32});
    CHECK(y.desc().block == block);
    loss = graph->add(std::make_shared<WeightedSum>(), {y}, TensorDesc{DType::f32, {1}});
    graph->keep(loss);
    graph->backward(std::array{loss}, add);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
  }

  float run() {
    std::vector<float> pixels(size_t(x.shape().numel()));
    small_integers(3)(pixels);
    device->upload(program->tensor(x).data, pixels.data(), x.desc().bytes());
    program->run();
    return *program->tensor(loss).as<float>();
  }
};

// A norm with ReLU and a layer behind it, which applies the norm itself or takes its result.
struct BehindNorm {
  std::string bytes;
  int norms, kept = 0;  // norms applied; tensors that the forward pass hands to the backward pass

  BehindNorm(int64_t block, bool fused, bool recomputed) {
    NormNet net(8, 7, block);
    const WithMoments x = {net.x};
    const Value b = net.parameter("b", {32, 3, 3, 1}, 5);
    const Value y =
        fused ? depthwise_of_norm(net.x, net.norm, batch_statistics(x, net.norm), b, 1, recomputed)
              : depthwise_conv2d(batch_norm(x, net.norm, Activation::relu), b, 1, 1, false, recomputed);
    bytes = net.run(depthwise_conv2d(y, net.parameter("c", {32, 3, 3, 1}, 6), 1, 1));
    norms = net.norms_applied();
    const auto& nodes = net.graph().nodes();
    for (size_t i = 0; i < net.graph().values().size(); ++i) {
      const Graph::Entry& entry = net.graph().values()[i];
      if (entry.producer < 0 || nodes[size_t(entry.producer)].phase != Phase::forward) continue;
      kept += entry.desc.shape.rank() == 4 && std::ranges::any_of(nodes, [&](const Node& node) {
                return node.phase != Phase::forward && std::ranges::count(node.in, int(i), &Value::id) > 0;
              });
    }
  }
};

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("a norm that a depthwise convolution applies itself gives the same bits and is stored nowhere") {
    for (const int64_t block : {0, 16})
      for (const bool recomputed : {false, true}) {
        CAPTURE(block);
        CAPTURE(recomputed);
        const BehindNorm stored(block, false, recomputed), fused(block, true, recomputed);
        CHECK(fused.bytes == stored.bytes);
        CHECK(stored.norms == 2);  // and again in the backward pass
        CHECK(fused.norms == 0);
        CHECK(fused.kept == (recomputed ? 1 : 2));  // x, and y for the layer behind
      }
  }

  TEST_CASE("gradients of depthwise convolutions equal central differences") {
    for (const int64_t block : {0, 16}) {
      CAPTURE(block);
      TwoLayers net(block);
      for (const char* name : {"a", "b"}) {
        net.run();
        const Variable& variable = *net.variables.find(name);
        const float* g = net.variables.gradient(variable).as<float>();
        const std::vector<float> gradient(g, g + variable.desc.shape.numel());
        float* w = net.variables.tensor(variable).as<float>();
        for (size_t i = 0; i < gradient.size(); i += 7) {
          const float was = w[i];
          w[i] = was + 1;
          const float above = net.run();
          w[i] = was - 1;
          const float below = net.run();
          w[i] = was;
          CHECK(gradient[i] == (above - below) / 2);
        }
      }
    }
  }

  TEST_CASE("a depthwise convolution states its arithmetic and bytes") {
    TwoLayers net(16);
    const Node& node = net.program->graph().nodes()[0];
    const Cost cost = node.op->cost(node);
    CHECK(cost.flops == 2.0 * 9 * 8 * 7 * 32);
    CHECK(cost.bytes == 4.0 * (2 * 8 * 7 * 32 + 9 * 32 + 2 * 9 * 32));  // x, y, w; taps written and read
  }

  TEST_CASE("a depthwise convolution refuses what its kernels do not do") {
    const auto device = open_device("cpu");
    Variables variables;
    Graph graph(*device, variables, Policy{}, true);
    const Value x = graph.input({DType::f32, {1, 8, 8, 16}});
    const auto filter = [&](const Shape& shape) { return graph.input({DType::f32, shape}); };
    CHECK_THROWS_AS(depthwise_conv2d(x, filter({16, 7, 7, 1}), 1, 3), Error);
    CHECK_THROWS_AS(depthwise_conv2d(x, filter({16, 3, 5, 1}), 1, 1), Error);
    CHECK_THROWS_AS(depthwise_conv2d(x, filter({8, 3, 3, 1}), 1, 1), Error);
    CHECK_THROWS_AS(depthwise_conv2d(x, filter({16, 3, 3, 2}), 1, 1), Error);
    CHECK_THROWS_AS(depthwise_conv2d(x, filter({16, 3, 3, 1}), 3, 1), Error);
    CHECK_THROWS_AS(depthwise_conv2d(graph.input({DType::f32, {1, 2, 8, 16}}), filter({16, 5, 5, 1}), 1, 1),
                    Error);
    const Value row = filter({16});
    CHECK_THROWS_AS(depthwise_of_norm(x, {row, row, row, row}, {row, row}, filter({16, 5, 5, 1}), 2), Error);
  }
}

}  // namespace rc
