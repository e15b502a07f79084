// Batch norm, SiLU and squeeze and excitation as one graph op, and the last alone in inference: results and
// all gradients against the reference.
#include "model/ops/gated_norm.h"

#include <doctest/doctest.h>

#include <array>
#include <cfloat>
#include <cmath>

#include "engine/program.h"
#include "engine/rng.h"
#include "model/init.h"
#include "model/ops/add.h"
#include "tests/engine/weighted_sum.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

constexpr int kN = 2, kH = 3, kW = 4, kC = 16, kReduced = 4;

reference::Vector numbers(size_t n, float lo, float hi, uint32_t stream) {
  Rng rng(8, Purpose::test, stream);
  reference::Vector v(n);
  for (double& x : v) x = double(rng.uniform(lo, hi));
  return v;
}

struct Layer {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value x, y, loss;
  std::unique_ptr<Program> program;

  Layer(int64_t block, bool training) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, training);
    x = graph->input({DType::f32, {kN, kH, kW, kC}, block});
    const auto parameter = [&](const std::string& name, const Shape& shape) {
      return graph->variable(variables.parameter(name, shape, constant(1)));
    };
    const auto buffer = [&](const std::string& name) {
      return graph->variable(variables.buffer(name, {DType::f32, {kC}}));
    };
    const SqueezeExciteVariables excite = {parameter("w1", {kReduced, kC}), parameter("b1", {kReduced}),
                                           parameter("w2", {kC, kReduced}), parameter("b2", {kC})};
    if (!training) {
      y = squeeze_excite(x, excite);
      graph->keep(y);
      finish(std::move(graph));
      return;
    }
    y = gated_norm({x}, {parameter("gamma", {kC}), parameter("beta", {kC}), buffer("mean"), buffer("var")},
                   excite);
    // Back in plain order, so that the loss weights elements as the reference does.
    loss = graph->add(std::make_shared<WeightedSum>(), {y}, TensorDesc{DType::f32, {1}});
    graph->keep(y);
    graph->backward(std::array{loss}, add);
    finish(std::move(graph));
  }
  void finish(std::unique_ptr<Graph> graph) {
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
  }
  void run(const reference::Vector& values) {
    const std::vector<float> pixels(values.begin(), values.end());
    device->upload(program->tensor(x).data, pixels.data(), x.desc().bytes());
    program->run();
  }
  reference::Vector result() {
    const float* values = program->tensor(y).as<float>();
    return {values, values + y.shape().numel()};
  }
  void set(const std::string& name, const reference::Vector& v) {
    std::copy(v.begin(), v.end(), variables.tensor(*variables.find(name)).as<float>());
  }
  reference::Vector gradient(const std::string& name) {
    const Tensor g = variables.gradient(*variables.find(name));
    return {g.as<float>(), g.as<float>() + g.shape.numel()};
  }
};

double largest(const reference::Vector& v) {
  double most = 0;
  for (const double x : v) most = std::max(most, std::abs(x));
  return most;
}
double difference(const reference::Vector& a, const reference::Vector& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("a gated norm and its gradients agree with the reference") {
    for (const int64_t block : {0, 16}) {  // one block of 16 channels: the same order as none
      CAPTURE(block);
      Layer layer(block, true);
      const auto x = numbers(kN * kH * kW * kC, -2, 2, 1), gamma = numbers(kC, 0.5, 1.5, 2),
                 beta = numbers(kC, -1, 1, 3), w1 = numbers(kReduced * kC, -1, 1, 4),
                 b1 = numbers(kReduced, -1, 1, 5), w2 = numbers(kReduced * kC, -1, 1, 6),
                 b2 = numbers(kC, -1, 1, 7);
      layer.set("gamma", gamma), layer.set("beta", beta);
      layer.set("w1", w1), layer.set("b1", b1);
      layer.set("w2", w2), layer.set("b2", b2);
      layer.run(x);

      reference::BatchNorm bn{kC};
      bn.silu = true;
      reference::Vector running_mean(kC), running_var(kC);
      const auto normal = reference::batch_norm(bn, x, gamma, beta, {}, running_mean, running_var);
      const reference::SqueezeExcite se{kN, kH * kW, kC, kReduced};
      const auto want = reference::squeeze_excite(se, normal.y, w1, b1, w2, b2);
      reference::Vector dy(x.size());
      for (size_t i = 0; i < dy.size(); ++i) dy[i] = double(WeightedSum::weight(int64_t(i)));
      const auto grad = reference::squeeze_excite_grad(se, dy, normal.y, w1, w2, want);
      const auto back = reference::batch_norm_grad(bn, grad.dx, x, gamma, normal);

      // Sums of at most 24 products in a chain of six layers, whose slopes are at most 1.1 and whose gains
      // through 16 or 4 weights up to 1 are below 16: some 24 * 16 roundings of the largest.
      const double bound = 24 * 16 * double(FLT_EPSILON) / 2;
      CHECK(difference(layer.result(), want.y) <= bound * largest(want.y));
      CHECK(difference(layer.gradient("w1"), grad.dw1) <= bound * largest(grad.dw1));
      CHECK(difference(layer.gradient("b1"), grad.db1) <= bound * largest(grad.db1));
      CHECK(difference(layer.gradient("w2"), grad.dw2) <= bound * largest(grad.dw2));
      CHECK(difference(layer.gradient("b2"), grad.db2) <= bound * largest(grad.db2));
      CHECK(difference(layer.gradient("gamma"), back.dgamma) <= bound * largest(back.dgamma));
      CHECK(difference(layer.gradient("beta"), back.dbeta) <= bound * largest(back.dbeta));
    }
  }

  TEST_CASE("squeeze and excitation in inference agrees with the reference") {
    for (const int64_t block : {0, 16}) {
      CAPTURE(block);
      Layer layer(block, false);
      const auto x = numbers(kN * kH * kW * kC, -2, 2, 1), w1 = numbers(kReduced * kC, -1, 1, 4),
                 b1 = numbers(kReduced, -1, 1, 5), w2 = numbers(kReduced * kC, -1, 1, 6),
                 b2 = numbers(kC, -1, 1, 7);
      layer.set("w1", w1), layer.set("b1", b1), layer.set("w2", w2), layer.set("b2", b2);
      layer.run(x);
      const auto want = reference::squeeze_excite({kN, kH * kW, kC, kReduced}, x, w1, b1, w2, b2);
      // Sums of 12, 16 and 4 terms, each slope at most 1.1: fewer roundings than above.
      CHECK(difference(layer.result(), want.y) <= 12 * 16 * double(FLT_EPSILON) / 2 * largest(want.y));
    }
  }

  TEST_CASE("a gated norm keeps nothing of the size of x but x and y") {
    Layer layer(16, true);
    const Graph& graph = layer.program->graph();
    int again = 0;
    for (const Node& node : graph.nodes()) again += node.phase == Phase::recomputed;
    CHECK(again == 0);
    int kept = 0;  // what the forward pass hands to the backward pass
    for (size_t i = 0; i < graph.values().size(); ++i) {
      const Graph::Entry& entry = graph.values()[i];
      if (entry.kind != Graph::Kind::arena || entry.producer < 0 || entry.kept) continue;
      if (graph.nodes()[size_t(entry.producer)].phase != Phase::forward) continue;
      if (entry.desc.shape.rank() != 4) continue;
      for (const Node& node : graph.nodes())
        if (node.phase != Phase::forward)
          for (const Value& v : node.in) kept += v && v.id == int(i);
    }
    CHECK(kept == 0);
  }
}

}  // namespace rc
