// The objective's graph ops, forward and backward, beside the double-precision reference that is given the
// same draws.
#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "engine/error.h"
#include "engine/program.h"
#include "engine/rng.h"
#include "kernels/scalars.h"
#include "kernels/synthesis.h"
#include "model/ops/add.h"
#include "model/ops/contrastive_loss.h"
#include "tests/reference/mining.h"
#include "tests/reference/objective.h"

namespace rc {
namespace {

// Raw embeddings as a parameter, the objective on them, and its gradient.
struct Objective {
  static constexpr int kDim = 24;
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  std::vector<int32_t> labels;
  Value label, scalars, step, loss;
  ContrastiveKeys keys;
  std::unique_ptr<Program> program;

  Objective(std::vector<int32_t> l, const ContrastiveOptions& options) : labels(std::move(l)) {
    const auto n = int64_t(labels.size());
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    label = graph->input({DType::i32, {n}}), scalars = graph->input({DType::f32, {kScalars}}),
    step = graph->input({DType::i32, {1}});
    const auto fill = [](std::vector<float>& v) {
      Rng rng(5, Purpose::test);
      for (float& x : v) x = rng.uniform(-1, 1.3f);
    };
    const Value v = graph->variable(variables.parameter("v", {n, kDim}, fill));
    const Value centre = graph->variable(variables.buffer("centre", {DType::f32, {1, kDim}}));
    const Value started = graph->variable(variables.buffer("started", {DType::i32, {1}}));
    keys = contrastive_keys(v, label, centre, started, scalars, step,
                            {.pairs = 5, .with_centre = 3, .seed = 11});
    loss = contrastive_loss(keys, label, {}, scalars, options);
    for (const Value kept : {loss, keys.keys, keys.rows, keys.weight, keys.distance}) graph->keep(kept);
    graph->backward(std::array{loss}, add);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
  }

  void run(int32_t number, bool synthesis, float weight = 1) {
    float s[kScalars] = {};
    s[kObjectiveWeight] = weight, s[kHardPositives] = s[kHardNegatives] = float(synthesis);
    device->upload(program->tensor(label).data, labels.data(), label.desc().bytes());
    device->upload(program->tensor(scalars).data, s, sizeof s);
    device->upload(program->tensor(step).data, &number, sizeof number);
    program->run();
  }

  std::vector<double> read(const Tensor& t) const {
    const float* p = t.as<float>();
    return {p, p + t.shape.numel()};
  }

  // The reference with the draws that the kernels made.
  reference::LossGradient expected(const ContrastiveOptions& o) const {
    reference::Objective r{
        .form = o.form == ContrastiveForm::joint ? reference::Form::d1 : reference::Form::d2,
        .margin = o.margin == Margin::cosine ? reference::Margin::cos : reference::Margin::arc,
        .m = double(o.m),
        .tau = double(o.temperature)};
    const auto* rows = program->tensor(keys.rows).as<int32_t>();
    const auto weight = read(program->tensor(keys.weight));
    for (int64_t k = 0; k < keys.positives + keys.negatives; ++k) {
      if (rows[2 * k] == kUnused) continue;
      if (k < keys.positives)
        r.positives.push_back({rows[2 * k], weight[size_t(k)]});
      else if (rows[2 * k + 1] == kCentre)
        r.negatives.push_back({reference::FusedNegative::centre, rows[2 * k], 1 - weight[size_t(k)]});
      else
        r.negatives.push_back({rows[2 * k], rows[2 * k + 1], weight[size_t(k)]});
    }
    const std::vector<int> l(labels.begin(), labels.end());
    return reference::objective(r, read(variables.tensor(*variables.find("v"))), l,
                                read(variables.tensor(*variables.find("centre"))));
  }

  // How far the gradient is, relative to its length.
  double gradient_error(const std::vector<double>& expected, double scale = 1) const {
    const auto g = read(variables.gradient(*variables.find("v")));
    double off = 0, length = 0;
    for (size_t i = 0; i < g.size(); ++i)
      off += std::pow(g[i] - scale * expected[i], 2), length += std::pow(expected[i], 2);
    return std::sqrt(off / length);
  }
};

std::vector<int32_t> alternating(int n) {
  std::vector<int32_t> l;
  for (int i = 0; i < n; ++i) l.push_back(i % 2);
  return l;
}

// fp32 in the exponent: 24 products of a cosine (1e-7 each), divided by tau = 0.1, exponentiated: about 1e-6
// relative; ten times that.
constexpr double kTolerance = 2e-5;

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("the objective's ops equal the reference, with and without synthesis, in all forms and margins") {
    for (const auto form : {ContrastiveForm::joint, ContrastiveForm::separate})
      for (const auto margin : {Margin::cosine, Margin::arc})
        for (const int way : {0, 1, 2, 3}) {
          const bool synthesis = way % 2 == 1;
          const auto kernel = way < 2 ? ContrastiveKernel::materialised : ContrastiveKernel::fused;
          const ContrastiveOptions options{.form = form, .margin = margin, .kernel = kernel};
          Objective o(alternating(26), options);
          for (const int step : {0, 7}) {
            o.run(step, synthesis);
            const auto expected = o.expected(options);
            CHECK(double(*o.program->tensor(o.loss).as<float>()) ==
                  doctest::Approx(expected.loss).epsilon(kTolerance));
            CHECK(o.gradient_error(expected.gradient) < kTolerance);
          }
        }
  }

  TEST_CASE(
      "the fused loss refuses a temperature whose logits it cannot sum, and automatic does without it") {
    CHECK_THROWS_WITH_AS(
        Objective(alternating(26), {.temperature = .01f, .kernel = ContrastiveKernel::fused}),
        doctest::Contains("range"), Error);
    const ContrastiveOptions cold{.temperature = .01f};
    Objective o(alternating(300), cold);
    o.run(0, false);
    // ten times the temperature's part of kTolerance
    CHECK(o.gradient_error(o.expected(cold).gradient) < 10 * kTolerance);
  }

  TEST_CASE("synthesis is drawn anew each step, and the same for the same step") {
    Objective o(alternating(26), {});
    const auto weights = [&](int step) {
      o.run(step, true);
      return o.read(o.program->tensor(o.keys.weight));
    };
    const auto first = weights(3);
    CHECK(weights(4) != first);
    CHECK(weights(3) == first);
  }

  TEST_CASE("the loss's weight scales the gradient and not the reported loss") {
    const ContrastiveOptions options;
    Objective o(alternating(20), options);
    o.run(0, false, 0.5f);
    const auto expected = o.expected(options);
    CHECK(double(*o.program->tensor(o.loss).as<float>()) ==
          doctest::Approx(expected.loss).epsilon(kTolerance));
    CHECK(o.gradient_error(expected.gradient, 0.5) < kTolerance);
  }

  TEST_CASE("batches with one real, one fake or one class give finite results") {
    for (const std::vector<int32_t>& labels :
         {std::vector<int32_t>{0, 1, 1, 1}, {0, 0, 0, 1}, {0, 0, 0, 0}, {1, 1, 1, 1}}) {
      Objective o(labels, {});
      for (const int step : {0, 1}) o.run(step, true);
      CHECK(std::isfinite(*o.program->tensor(o.loss).as<float>()));
      for (const double g : o.read(o.variables.gradient(*o.variables.find("v")))) CHECK(std::isfinite(g));
    }
  }

  TEST_CASE("the first batch's reals give the centre, later ones move it") {
    Objective o(alternating(12), {});
    o.run(0, false);
    const auto centre = o.read(o.variables.tensor(*o.variables.find("centre")));
    const std::vector<int> l(o.labels.begin(), o.labels.end());
    const auto z =
        reference::l2_normalise(Objective::kDim, o.read(o.variables.tensor(*o.variables.find("v"))));
    const auto expected = reference::update_centre({}, z, l);
    for (size_t i = 0; i < centre.size(); ++i) CHECK(centre[i] == doctest::Approx(expected[i]).epsilon(1e-5));
    o.run(1, false);
    const auto second = o.read(o.variables.tensor(*o.variables.find("centre")));
    const auto moved = reference::update_centre(centre, z, l);
    for (size_t i = 0; i < centre.size(); ++i) CHECK(second[i] == doctest::Approx(moved[i]).epsilon(1e-5));
  }
}

}  // namespace rc
