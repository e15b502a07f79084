// The objective's graph ops against values that were computed elsewhere: by PyTorch from the published
// formulas, and in double precision.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numeric>

#include "kernels/scalars.h"
#include "kernels/synthesis.h"
#include "model/ops/add.h"
#include "tests/golden/golden.h"
#include "tests/model/objective_check.h"

namespace rc {
namespace {

constexpr ContrastiveKernel kKernels[] = {ContrastiveKernel::materialised, ContrastiveKernel::fused};
constexpr KeyOptions kNoSynthesis = {.share = 0, .pairs = 0, .with_centre = 0};

std::vector<float> narrow(const std::vector<double>& x) { return {x.begin(), x.end()}; }

// Raw rows of the ten golden cases, 8 of 6, and their centre; values computed elsewhere in double precision,
// to be met to 1e-5: cosines good to 1e-7, over a temperature of 0.1, exponentiated, with parts that cancel
// to a tenth.
std::vector<float> golden_rows() {
  std::vector<float> v;
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 6; ++j)
      v.push_back(float(std::sin(0.7 * (6 * i + j) + 0.3) + (j ? 0 : i < 4 ? .5 : -.5)));
  return v;
}
const std::vector<int32_t> kGoldenLabels = {0, 0, 0, 0, 1, 1, 1, 1};
constexpr double kGoldenCentre[] = {.814608523, .295125762, .367162788, .266517417, .040524741, -.204527354};

struct GoldenValues {
  double loss, norm, first, sixth;  // L, |dL/dv|, dv[0][0], dv[5][2]
};
template <class Real>
void check_golden(const GoldenValues& golden, double loss, const std::vector<Real>& dv) {
  const double square = std::inner_product(dv.begin(), dv.end(), dv.begin(), 0.0);
  CHECK(loss == doctest::Approx(golden.loss).epsilon(1e-5));
  CHECK(std::sqrt(square) == doctest::Approx(golden.norm).epsilon(1e-5));
  CHECK(dv[0] == doctest::Approx(golden.first).epsilon(1e-5));
  CHECK(dv[5 * 6 + 2] == doctest::Approx(golden.sixth).epsilon(1e-5));
}

// The loss op on keys that the test makes: its loss, and its gradient with respect to the keys.
reference::LossGradient loss_of_keys(const std::vector<float>& rows, const std::vector<int32_t>& made_of,
                                     ContrastiveKeys keys, const ContrastiveOptions& options) {
  const auto device = open_device("cpu");
  Variables variables;
  auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
  const int64_t synthetic = keys.positives + keys.negatives;
  const auto fill = [&](std::vector<float>& x) { x = rows; };
  keys.keys = graph->variable(variables.parameter("keys", {8 + synthetic, 6}, fill));
  keys.rows = graph->input({DType::i32, {synthetic, 2}});
  const Value label = graph->input({DType::i32, {8}}), scalars = graph->input({DType::f32, {kScalars}});
  const Value result = contrastive_loss(keys, label, {}, scalars, options);
  graph->keep(result);
  graph->backward(std::array{result}, add);
  Program program(std::move(graph));
  variables.allocate(*device);
  program.prepare();
  float s[kScalars] = {};
  s[kObjectiveWeight] = 1;
  device->upload(program.tensor(label).data, kGoldenLabels.data(), label.desc().bytes());
  device->upload(program.tensor(scalars).data, s, sizeof s);
  device->upload(program.tensor(keys.rows).data, made_of.data(), keys.rows.desc().bytes());
  program.run();
  const float* g = variables.gradient(*variables.find("keys")).as<float>();
  return {double(*program.tensor(result).as<float>()), {g, g + rows.size()}};
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("without synthesis and margin the objective is SupCon, by PyTorch") {
    for (const golden::Json& k : golden::load("supcon"))
      for (const auto kernel : kKernels) {
        ObjectiveRun run({.batch = 12,
                          .dim = 16,
                          .keys = kNoSynthesis,
                          .loss = {.m = 0, .temperature = k["tau"].get<float>(), .kernel = kernel}});
        const auto out =
            run.run({.v = narrow(golden::values(k["v"].get<std::string>(), 12 * 16)), .label = k["labels"]});
        CHECK(golden::excess(k["loss"], std::span(out.result).first(1)) <= golden::kAllowed);
        CHECK(golden::excess(k["gradient"], out.dv) <= golden::kAllowed);
      }
  }

  TEST_CASE("the separate form is eps-SupInfoNCE with eps = m / tau, but for the constant eps, by PyTorch") {
    for (const golden::Json& k : golden::load("eps_supinfonce"))
      for (const auto kernel : kKernels) {
        const float eps = k["eps"], tau = k["tau"];
        ObjectiveRun run(
            {.batch = 12,
             .dim = 16,
             .keys = kNoSynthesis,
             .loss = {
                 .form = ContrastiveForm::separate, .m = eps * tau, .temperature = tau, .kernel = kernel}});
        const auto out =
            run.run({.v = narrow(golden::values(k["v"].get<std::string>(), 12 * 16)), .label = k["labels"]});
        const float loss = out.result[kContrastiveLoss] - eps;
        CHECK(golden::excess(k["loss"], std::span(&loss, 1)) <= golden::kAllowed);
        CHECK(golden::excess(k["gradient"], out.dv) <= golden::kAllowed);
      }
  }

  TEST_CASE("the objective's ops meet the golden cases without synthesis") {
    struct Case {
      ContrastiveForm form;
      Margin margin;
      float m;
      GoldenValues golden;
    };
    constexpr auto joint = ContrastiveForm::joint, separate = ContrastiveForm::separate;
    constexpr auto cosine = Margin::cosine, arc = Margin::arc;
    for (const Case& k :
         {Case{joint, cosine, 0, {11.126899493, 2.878957338, -0.514967720, 0.190336860}},
          Case{joint, cosine, .2f, {12.564769103, 3.264907230, -0.668041893, 0.190347252}},
          Case{joint, arc, .2f, {12.496559579, 2.794337905, -0.471858982, 0.176037601}},
          Case{separate, cosine, 0, {10.618211723, 3.339294440, -0.704618484, 0.190345358}},
          Case{separate, cosine, .2f, {12.430824400, 3.479973488, -0.755670701, 0.190349057}}})
      for (const auto kernel : kKernels) {
        ObjectiveRun run({.batch = 8,
                          .dim = 6,
                          .keys = kNoSynthesis,
                          .loss = {.form = k.form, .margin = k.margin, .m = k.m, .kernel = kernel}});
        const auto out = run.run({.v = golden_rows(), .label = kGoldenLabels});
        check_golden(k.golden, double(out.result[kContrastiveLoss]), out.dv);
        for (size_t d = 0; d < 6; ++d)
          CHECK(std::abs(double(out.after.centre[d]) - kGoldenCentre[d]) < cosine_error(6));
      }
  }

  // Their synthetic keys need particular draws: the reference makes them, and takes the gradient back from
  // them.
  TEST_CASE("the loss op meets the golden cases with synthesis") {
    const std::vector<float> raw = golden_rows();
    const reference::Vector v(raw.begin(), raw.end()), z = reference::l2_normalise(6, v);
    const reference::Constants centre{reference::Vector(kGoldenCentre, kGoldenCentre + 6)};
    const std::vector<reference::HardPositive> hp = {{1, 1.5}};
    const std::vector<reference::FusedNegative> hn = {{6, 5, .5}, {reference::FusedNegative::centre, 6, .25}};
    using reference::Role;
    struct Case {
      reference::Objective objective;
      GoldenValues golden;
    };
    for (const Case& k :
         {Case{{.positives = hp}, {13.212231342, 3.171072724, -0.571280687, 0.190347247}},
          Case{{.positives = hp, .role = Role::anchor},
               {13.280838098, 3.010508557, -0.568548845, 0.169197059}},
          Case{{.negatives = hn}, {12.818620576, 3.230127025, -0.664163746, 0.188946911}},
          Case{{.negatives = hn, .detach_negatives = true},
               {12.818620576, 3.108121137, -0.664163746, 0.189780489}},
          Case{{.positives = hp, .negatives = hn}, {13.466082813, 3.136782040, -0.567402540, 0.188946906}}})
      for (const auto kernel : kKernels) {
        const reference::Objective& o = k.objective;
        std::vector<int32_t> made_of;
        for (const auto& p : o.positives) made_of.insert(made_of.end(), {p.source, kCentre});
        for (const auto& n : o.negatives)
          made_of.insert(made_of.end(), {n.second, n.first < 0 ? kCentre : n.first});
        reference::Vector rows = z;
        for (const auto& part : {hard_positives(o, z, centre), fused_negatives(o, z, centre)})
          rows.insert(rows.end(), part.begin(), part.end());
        ContrastiveKeys keys;
        keys.positives = int64_t(o.positives.size()), keys.negatives = int64_t(o.negatives.size());
        keys.positives_anchor = o.role == Role::anchor;
        const auto got = loss_of_keys({rows.begin(), rows.end()}, made_of, keys, {.kernel = kernel});
        auto g = got.gradient.begin() + 48;
        reference::Vector dz(got.gradient.begin(), g);
        for (const auto& p : o.positives) add_gradient(p, z, centre, {g, g + 6}, dz), g += 6;
        for (const auto& n : o.negatives) {
          if (!o.detach_negatives) add_gradient(n, z, centre, {g, g + 6}, dz);
          g += 6;
        }
        check_golden(k.golden, got.loss, reference::l2_normalise_grad(6, dz, v));
      }
  }
}

}  // namespace rc
