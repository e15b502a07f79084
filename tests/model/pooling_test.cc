// Max pooling as a graph op, with a norm in front of it.
#include "model/ops/pooling.h"

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/program.h"
#include "engine/rng.h"
#include "model/ops/add.h"
#include "model/ops/depthwise.h"
#include "tests/engine/weighted_sum.h"

namespace rc {
namespace {

std::function<void(std::vector<float>&)> reals(uint32_t stream) {
  return [stream](std::vector<float>& v) {
    Rng rng(4, Purpose::test, stream);
    for (float& x : v) x = rng.uniform(-1, 1);
  };
}

// A layer, a norm and pooling, which applies the norm itself or takes its result; the bytes of the loss, of
// all gradients and of the running statistics.
struct BehindNorm {
  std::string bytes;
  int norms = 0;  // applied

  BehindNorm(int64_t block, Activation activation, bool fused) {
    const auto device = open_device("cpu");
    Variables variables;
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    const Value pixels = graph->input({DType::f32, {2, 9, 7, 32}, block});
    const auto parameter = [&](const char* name, const Shape& shape, uint32_t stream) {
      return graph->variable(variables.parameter(name, shape, reals(stream)));
    };
    const auto buffer = [&](const char* name) {
      return graph->variable(variables.buffer(name, {DType::f32, {32}}));
    };
    const Value filter = parameter("filter", {32, 3, 3, 1}, 1);
    const BatchNormVariables norm = {parameter("gamma", {32}, 2), parameter("beta", {32}, 3), buffer("mean"),
                                     buffer("var")};
    const Value x = depthwise_conv2d(pixels, filter, 1, 1);
    const Value y = fused ? max_pool_of_norm(x, norm, batch_statistics({x}, norm), activation, 3, 2, 1)
                          : max_pool(batch_norm({x}, norm, activation), 3, 2, 1);
    const Value loss = graph->add(std::make_shared<WeightedSum>(), {y}, TensorDesc{DType::f32, {1}});
    graph->keep(loss);
    graph->backward(std::array{loss}, add);
    Program program(std::move(graph));
    for (const Node& node : program.graph().nodes()) norms += node.op->name() == std::string("batch_norm");
    variables.allocate(*device);
    program.prepare();
    std::vector<float> values(size_t(pixels.shape().numel()));
    reals(4)(values);
    device->upload(program.tensor(pixels).data, values.data(), pixels.desc().bytes());
    program.run();
    bytes.append(static_cast<const char*>(program.tensor(loss).data), sizeof(float));
    for (const auto& v : variables.all()) {
      const Tensor t = v->trained ? variables.gradient(*v) : variables.tensor(*v);
      bytes.append(static_cast<const char*>(t.data), v->desc.bytes());
    }
  }
};

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("a norm that max pooling applies itself gives the same bits and is stored nowhere") {
    for (const int64_t block : {0, 16})
      for (const Activation activation : {Activation::none, Activation::relu}) {
        CAPTURE(block);
        CAPTURE(int(activation));
        const BehindNorm stored(block, activation, false), fused(block, activation, true);
        CHECK(fused.bytes == stored.bytes);
        CHECK(stored.norms == 1);
        CHECK(fused.norms == 0);
      }
  }

  TEST_CASE("max pooling takes a norm with no activation or a ReLU") {
    const auto device = open_device("cpu");
    Variables variables;
    Graph graph(*device, variables, Policy{}, true);
    const Value x = graph.input({DType::f32, {1, 4, 4, 16}}), row = graph.input({DType::f32, {16}});
    CHECK_THROWS_AS(max_pool_of_norm(x, {row, row, row, row}, {row, row}, Activation::silu, 3, 2, 1), Error);
  }
}

}  // namespace rc
