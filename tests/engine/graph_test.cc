// Traced graphs: gradients, memory and determinism of whole programs.
#include "engine/graph.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "engine/error.h"
#include "engine/program.h"
#include "engine/rng.h"
#include "model/ops/add.h"
#include "model/ops/conv2d.h"
#include "model/ops/matmul.h"
#include "tests/engine/weighted_sum.h"

namespace rc {
namespace {

// x * 2 that asks to be computed again in the backward pass; counts how often it ran.
class Double : public Op {
 public:
  explicit Double(int* runs) : runs_(runs) {}
  const char* name() const override { return "double"; }
  bool recomputed() const override { return true; }
  void run(Device&, const Arguments& a) const override {
    ++*runs_;
    for (int64_t i = 0; i < a.out[0].shape.numel(); ++i) a.out[0].as<float>()[i] = 2 * a.in[0].as<float>()[i];
  }
  std::vector<Value> gradient(Graph& graph, const Node&, std::span<const Value> out) const override {
    return {graph.add(std::make_shared<Double>(runs_), {out[0]}, out[0].desc())};
  }

 private:
  int* runs_;
};

std::function<void(std::vector<float>&)> small_integers(uint32_t stream) {
  return [stream](std::vector<float>& v) {
    Rng rng(3, Purpose::test, stream);
    for (float& x : v) x = float(rng.below(5)) - 2;
  };
}

// Two branches that share x and a filter used twice: y = conv(conv(x, a), b) + conv(x, c) + conv(x, c).
struct Branches {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value x, loss;
  std::unique_ptr<Program> program;

  Branches() {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    x = graph->input({DType::f32, {2, 6, 5, 16}, 16});
    const auto filter = [&](const char* name, uint32_t stream) {
      return graph->variable(variables.parameter(name, {16, 1, 1, 16}, small_integers(stream)));
    };
    const Value a = filter("a", 1), b = filter("b", 2), c = filter("c", 3);
    const Value once = conv2d(x, c, 1, 0), twice = conv2d(x, c, 1, 0);
    const Value y = add(add(conv2d(conv2d(x, a, 1, 0), b, 1, 0), once), twice);
    loss = graph->add(std::make_shared<WeightedSum>(), {y}, TensorDesc{DType::f32, {1}});
    graph->keep(loss);
    graph->backward(std::array{loss}, add);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
  }

  float run() {
    std::vector<float> pixels(size_t(x.shape().numel()));
    small_integers(9)(pixels);
    device->upload(program->tensor(x).data, pixels.data(), x.desc().bytes());
    program->run();
    return *program->tensor(loss).as<float>();
  }
};

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("gradients of a graph with shared values equal central differences") {
    Branches net;
    net.run();
    std::vector<std::vector<float>> gradients;
    for (const auto& v : net.variables.all()) {
      const float* g = net.variables.gradient(*v).as<float>();
      gradients.emplace_back(g, g + v->desc.shape.numel());
    }
    for (size_t k = 0; k < gradients.size(); ++k) {
      float* w = net.variables.tensor(*net.variables.all()[k]).as<float>();
      for (size_t i = 0; i < gradients[k].size(); i += 37) {
        const float was = w[i];
        w[i] = was + 1;
        const float above = net.run();
        w[i] = was - 1;
        const float below = net.run();
        w[i] = was;
        CHECK(gradients[k][i] == (above - below) / 2);
      }
    }
  }

  TEST_CASE("an inference refuses to go backward") {
    const auto device = open_device("cpu");
    Variables variables;
    Graph graph(*device, variables, Policy{}, false);
    const Value a = graph.variable(variables.parameter("a", {4, 4}, small_integers(1)));
    const Value loss =
        graph.add(std::make_shared<WeightedSum>(), {matmul(a, a)}, TensorDesc{DType::f32, {1}});
    CHECK_THROWS_AS(graph.backward(std::array{loss}, add), Error);
  }

  TEST_CASE("a run allocates nothing and repeats to the bit") {
    Branches net;
    const float first = net.run();
    const size_t reserved = net.device->reserved();
    CHECK(reserved == net.program->arena_bytes() + net.variables.bytes());
    for (int i = 0; i < 3; ++i) CHECK(net.run() == first);
    CHECK(net.device->reserved() == reserved);
  }

  TEST_CASE("a value that is cheap to recompute is computed again instead of kept") {
    const auto device = open_device("cpu");
    Variables variables;
    int runs = 0;
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    const Value a = graph->variable(variables.parameter("a", {4, 4}, small_integers(1)));
    const Value b = graph->variable(variables.parameter("b", {4, 4}, small_integers(2)));
    const Value doubled = graph->add(std::make_shared<Double>(&runs), {a}, a.desc());
    const Value loss =
        graph->add(std::make_shared<WeightedSum>(), {matmul(doubled, b)}, TensorDesc{DType::f32, {1}});
    graph->backward(std::array{loss}, add);
    Program program(std::move(graph));
    variables.allocate(*device);
    program.prepare();
    program.run();
    CHECK(runs == 3);  // forward, again for b's gradient, and the gradient's own doubling
    const float* g = variables.gradient(*variables.find("b")).as<float>();
    const float* av = variables.tensor(*variables.find("a")).as<float>();
    for (int64_t k = 0; k < 4; ++k)
      for (int64_t j = 0; j < 4; ++j) {
        float sum = 0;
        for (int64_t i = 0; i < 4; ++i) sum += 2 * av[i * 4 + k] * WeightedSum::weight(i * 4 + j);
        CHECK(g[k * 4 + j] == sum);
      }
  }

  TEST_CASE(
      "a timed run has a mark before each op and one at the end, in order, and goes on from run to run") {
    Branches net;
    net.run();
    const std::unique_ptr<Stopwatch> watch = net.program->graph().device().stopwatch();
    const size_t marks = net.program->graph().nodes().size() + 1;
    net.program->run(watch.get());
    net.program->run(watch.get());
    const std::vector<double> seconds = watch->read();
    REQUIRE(seconds.size() == 2 * marks);
    CHECK(seconds.front() >= 0);
    CHECK(std::ranges::is_sorted(seconds));
    CHECK(watch->read().empty());
    net.program->run(watch.get());
    CHECK(watch->read().front() >= seconds.back());
  }
}

}  // namespace rc
