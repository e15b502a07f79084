// The control losses as graph ops: their loss, and the gradients that reach features and centre, beside
// central differences of the plain formulas.
#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "engine/program.h"
#include "kernels/scalars.h"
#include "model/init.h"
#include "model/ops/add.h"
#include "model/ops/consistency.h"
#include "model/ops/single_centre.h"
#include "tests/reference/controls.h"
#include "tests/reference/difference.h"

namespace rc {
namespace {

constexpr int64_t kRows = 12, kDim = 24;
constexpr float kMargin = 0.3f;

// Features as a parameter, a control on them, and the gradients of both.
struct Control {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  std::vector<int32_t> labels = {0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0};
  Value label, scalars, loss;
  std::unique_ptr<Program> program;

  explicit Control(bool single_centre) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    label = graph->input({DType::i32, {kRows}}), scalars = graph->input({DType::f32, {kScalars}});
    const Value f = graph->variable(variables.parameter("f", {kRows, kDim}, standard_normal(1, "f")));
    if (single_centre) {
      const Variable& c = variables.parameter("centre", {1, kDim}, standard_normal(1, "centre"));
      loss = single_centre_loss(f, label, graph->variable(c), scalars, kMargin);
    } else {
      loss = consistency_loss(f, scalars);
    }
    graph->keep(loss);
    graph->backward(std::array{loss}, add);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
  }

  void run(float weight) {
    float s[kScalars] = {};
    s[kObjectiveWeight] = weight;
    device->upload(program->tensor(label).data, labels.data(), label.desc().bytes());
    device->upload(program->tensor(scalars).data, s, sizeof s);
    program->run();
  }
  double reported() const { return *program->tensor(loss).as<float>(); }

  reference::Vector read(const char* name, bool gradient) const {
    const Variable& v = *variables.find(name);
    const Tensor t = gradient ? variables.gradient(v) : variables.tensor(v);
    const float* p = t.as<float>();
    return {p, p + t.shape.numel()};
  }
};

reference::Vector joined(reference::Vector a, const reference::Vector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Entries are at most 1 / 5 here, and good to a sum of 24 squares and 12 rows in fp32; the differences to
// 1e-9.
constexpr double kTolerance = 0.2 * (24 + 12) * 0x1p-24 + 1e-9;

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("single-centre op: loss, weight, and the gradients of features and centre") {
    Control control(true);
    const std::vector<int> labels(control.labels.begin(), control.labels.end());
    const auto loss = [&](const reference::Vector& x) {
      const auto centre = x.begin() + kRows * kDim;
      return reference::single_centre({x.begin(), centre}, labels, {centre, x.end()}, double(kMargin)).loss;
    };
    for (const float weight : {1.f, .5f}) {
      control.run(weight);
      const reference::Vector x = joined(control.read("f", false), control.read("centre", false));
      CHECK(control.reported() == doctest::Approx(loss(x)).epsilon(1e-6));
      reference::Vector gradient = joined(control.read("f", true), control.read("centre", true));
      for (double& g : gradient) g /= double(weight);
      CHECK(reference::worst_difference(loss, x, gradient) < kTolerance);
    }
    // The centre is drawn from N(0, 1): the mean square of 24 is within 4 deviations, 4 sqrt(2 / 24), of 1.
    double square = 0;
    for (const double c : control.read("centre", false)) square += c * c / double(kDim);
    CHECK(std::abs(square - 1) < 1.16);
    CHECK(control.read("centre", false)[0] != control.read("f", false)[0]);
  }

  TEST_CASE("consistency op: loss, weight, and the gradient of both views") {
    Control control(false);
    const auto loss = [](const reference::Vector& f) { return reference::consistency(f, kDim).loss; };
    for (const float weight : {1.f, .5f}) {
      control.run(weight);
      const reference::Vector f = control.read("f", false);
      CHECK(control.reported() == doctest::Approx(loss(f)).epsilon(1e-6));
      reference::Vector gradient = control.read("f", true);
      for (double& g : gradient) g /= double(weight);
      CHECK(reference::worst_difference(loss, f, gradient) < kTolerance);
    }
  }

  TEST_CASE("the controls refuse what they cannot take") {
    const auto device = open_device("cpu");
    Variables variables;
    Graph graph(*device, variables, Policy{}, true);
    const Value label = graph.input({DType::i32, {5}}), scalars = graph.input({DType::f32, {kScalars}});
    const Value odd = graph.input({DType::f32, {5, 8}}), half = graph.input({DType::bf16, {4, 8}});
    const Value narrow = graph.input({DType::f32, {1, 7}});
    CHECK_THROWS_AS(consistency_loss(odd, scalars), Error);   // rows of two views are even
    CHECK_THROWS_AS(consistency_loss(half, scalars), Error);  // features are fp32 whatever the trace is
    CHECK_THROWS_AS(single_centre_loss(odd, label, narrow, scalars, 0.3f), Error);
  }
}

}  // namespace rc
