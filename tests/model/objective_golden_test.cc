// The objective's graph ops against values that were computed elsewhere: by PyTorch from the published
// formulas, and in double precision.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "tests/golden/golden.h"
#include "tests/model/objective_check.h"

namespace rc {
namespace {

constexpr ContrastiveKernel kKernels[] = {ContrastiveKernel::materialised, ContrastiveKernel::fused};
constexpr KeyOptions kNoSynthesis = {.share = 0, .pairs = 0, .with_centre = 0};

std::vector<float> narrow(const std::vector<double>& x) { return {x.begin(), x.end()}; }

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

  // Of the ten golden cases those whose keys need no particular draws; values computed elsewhere in double
  // precision, to be met to 1e-5: cosines good to 1e-7, over a temperature of 0.1, exponentiated, with parts
  // that cancel to a tenth.
  TEST_CASE("the objective's ops meet the golden cases without synthesis") {
    struct Case {
      ContrastiveForm form;
      Margin margin;
      float m;
      double loss, norm, first, sixth;  // L, |dL/dv|, dv[0][0], dv[5][2]
    };
    constexpr auto joint = ContrastiveForm::joint, separate = ContrastiveForm::separate;
    constexpr auto cosine = Margin::cosine, arc = Margin::arc;
    ObjectiveStep step{.label = {0, 0, 0, 0, 1, 1, 1, 1}};
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 6; ++j)
        step.v.push_back(float(std::sin(0.7 * (6 * i + j) + 0.3) + (j ? 0 : i < 4 ? .5 : -.5)));
    for (const Case& k : {Case{joint, cosine, 0, 11.126899493, 2.878957338, -0.514967720, 0.190336860},
                          Case{joint, cosine, .2f, 12.564769103, 3.264907230, -0.668041893, 0.190347252},
                          Case{joint, arc, .2f, 12.496559579, 2.794337905, -0.471858982, 0.176037601},
                          Case{separate, cosine, 0, 10.618211723, 3.339294440, -0.704618484, 0.190345358},
                          Case{separate, cosine, .2f, 12.430824400, 3.479973488, -0.755670701, 0.190349057}})
      for (const auto kernel : kKernels) {
        ObjectiveRun run({.batch = 8,
                          .dim = 6,
                          .keys = kNoSynthesis,
                          .loss = {.form = k.form, .margin = k.margin, .m = k.m, .kernel = kernel}});
        const auto out = run.run(step);
        const double norm = std::sqrt(std::inner_product(out.dv.begin(), out.dv.end(), out.dv.begin(), 0.0));
        CHECK(out.result[kContrastiveLoss] == doctest::Approx(k.loss).epsilon(1e-5));
        CHECK(norm == doctest::Approx(k.norm).epsilon(1e-5));
        CHECK(out.dv[0] == doctest::Approx(k.first).epsilon(1e-5));
        CHECK(out.dv[5 * 6 + 2] == doctest::Approx(k.sixth).epsilon(1e-5));
        const double c[] = {.814608523, .295125762, .367162788, .266517417, .040524741, -.204527354};
        for (size_t d = 0; d < 6; ++d) CHECK(std::abs(double(out.after.centre[d]) - c[d]) < cosine_error(6));
      }
  }
}

}  // namespace rc
