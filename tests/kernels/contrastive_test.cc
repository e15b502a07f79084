// The contrastive row kernel on similarities: pair weights, margins, anchors without positives, summaries.
#include "kernels/contrastive.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/rng.h"
#include "kernels/scalars.h"
#include "kernels/synthesis.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/difference.h"

namespace rc {

struct RowResults {
  std::vector<float> g, loss, positive, negative, result;
};

template <class Run>
RowResults run_rows(const Pairs& pairs, const std::vector<float>& s, ContrastiveForm form, MarginRule margin,
                    float temperature, float beta, Run run) {
  const auto anchors = size_t(pairs.anchors());
  RowResults out{s, std::vector<float>(anchors, -9), std::vector<float>(anchors, -9),
                 std::vector<float>(anchors, -9), std::vector<float>(kContrastiveResults, -9)};
  std::vector<float> scalars(kScalars, -9);
  scalars[kObjectiveWeight] = beta;
  run(ContrastiveRows{pairs, scalars.data(), out.g.data(), out.loss.data(), out.positive.data(),
                      out.negative.data(), form, margin, temperature});
  run(ContrastiveSummary{pairs, out.loss.data(), out.positive.data(), out.negative.data(),
                         out.result.data()});
  return out;
}

// Sum over anchors of L_i, straight from the formulas, with the weights w and nu of pairs in one tuple.
double loss_sum(const Pairs& pairs, const std::vector<double>& s, bool joint, bool arc, double m,
                double tau) {
  double sum = 0;
  for (int64_t i = 0; i < pairs.batch; ++i) {
    const auto cosine = [&](int64_t j) { return s[size_t(i * pairs.keys() + j)]; };
    const auto kin = [&](int64_t j) { return pairs.tuple[i] == pairs.tuple[j]; };
    const auto u = [&](int64_t j) {
      return (arc ? std::cos(std::acos(cosine(j)) + m) : cosine(j) - m) / tau;
    };
    double pulled = 0, repelled = 0, total = 0, value = 0;
    for (int64_t j = 0; j < pairs.batch; ++j) {
      if (j == i) continue;
      if (pairs.label[i] == pairs.label[j]) {
        pulled += std::exp(u(j)), total += kin(j) ? double(pairs.tuple_weight) : 1;
      } else {
        repelled += std::exp(cosine(j) / tau) * (kin(j) ? std::exp(double(pairs.tuple_shift)) : 1);
      }
    }
    for (int64_t j = 0; j < pairs.batch; ++j)
      if (j != i && pairs.label[i] == pairs.label[j])
        value -= (kin(j) ? double(pairs.tuple_weight) : 1) *
                 (u(j) - std::log((joint ? pulled : std::exp(u(j))) + repelled));
    if (total > 0) sum += value / total;
  }
  return sum;
}

template <class Run>
void check_tuples(Run run) {
  const std::vector<int32_t> label = {0, 0, 1, 1, 0, 0, 1, 1}, tuple = {0, 0, 0, 0, 1, 1, 1, 1};
  const Pairs pairs{.label = label.data(),
                    .rows = nullptr,
                    .batch = 8,
                    .tuple = tuple.data(),
                    .tuple_weight = 2,
                    .tuple_shift = std::log(3.f)};
  Rng rng(21, Purpose::test);
  std::vector<float> s(64);
  for (float& x : s) x = rng.uniform(-.8f, .8f);
  const std::vector<double> exact(s.begin(), s.end());
  const double tau = .25;
  for (const bool joint : {false, true})
    for (const bool arc : {false, true}) {
      CAPTURE(joint);
      CAPTURE(arc);
      const MarginRule margin = MarginRule::of(arc ? Margin::arc : Margin::cosine, .25f);
      const RowResults out = run_rows(pairs, s, joint ? ContrastiveForm::joint : ContrastiveForm::separate,
                                      margin, float(tau), .5f, run);
      const auto loss = [&](const std::vector<double>& x) {
        return loss_sum(pairs, x, joint, arc, .25, tau) / 8;
      };
      CHECK(out.result[kContrastiveLoss] == doctest::Approx(loss(exact)).epsilon(2e-6));
      reference::Vector gradient;  // of the loss: G is scaled by beta
      for (const float g : out.g) gradient.push_back(g / .5);
      // |G| < 1 / (8 tau) = 0.5 in fp32, the differences are good to 1e-9
      CHECK(reference::worst_difference(loss, exact, gradient) < 0.5 * 16 * 0x1p-24);
    }
}

template <class Run>
void check_lonely(Run run) {
  const std::vector<int32_t> label = {0, 1, 1, 0, 1};
  const std::vector<int32_t> rows = {0, kCentre, kUnused, kCentre, 2, 1, kUnused, kCentre};
  std::vector<float> s(9 * 7, .25f);
  Pairs pairs{.label = label.data(), .rows = rows.data(), .batch = 5, .positives = 2, .negatives = 2};
  const RowResults keys =
      run_rows(pairs, s, ContrastiveForm::joint, MarginRule::of(Margin::cosine, 0), 1, 1, run);
  CHECK(keys.result[kCountedAnchors] == 5);
  CHECK(keys.result[kLeftOutAnchors] == 0);
  // All cosines equal: the loss is log of the number of keys in use. Reals see 1 real, 3 fakes, the fused
  // fake, and row 3 alone the extrapolated one; fakes see 2 fakes and 2 reals.
  CHECK(keys.loss[0] == doctest::Approx(std::log(5.)).epsilon(1e-6));
  CHECK(keys.loss[3] == doctest::Approx(std::log(6.)).epsilon(1e-6));
  for (const size_t i : {1, 2, 4}) CHECK(keys.loss[i] == doctest::Approx(std::log(4.)).epsilon(1e-6));
  for (size_t i = 0; i < 5; ++i)
    for (const size_t unused : {6, 8}) CHECK(keys.g[i * 9 + unused] == 0);
  CHECK(keys.result[kPositiveCosine] == .25f);
  CHECK(keys.result[kHardestNegative] == .25f);

  pairs.positives_anchor = true;  // row 5 is an anchor that has row 3, row 6 none at all
  const RowResults anchors =
      run_rows(pairs, s, ContrastiveForm::joint, MarginRule::of(Margin::cosine, 0), 1, 1, run);
  CHECK(anchors.result[kCountedAnchors] == 6);
  CHECK(anchors.loss[3] == doctest::Approx(std::log(5.)).epsilon(1e-6));
  CHECK(anchors.loss[5] == doctest::Approx(std::log(5.)).epsilon(1e-6));
  CHECK(anchors.loss[6] == 0);
  CHECK(std::all_of(anchors.g.begin() + 54, anchors.g.end(), [](float g) { return g == 0; }));

  const std::vector<int32_t> one_real = {0, 1, 1, 1, 1};
  const Pairs lone{.label = one_real.data(), .rows = nullptr, .batch = 5};
  const RowResults left =
      run_rows(lone, s, ContrastiveForm::separate, MarginRule::of(Margin::cosine, 0), 1, 1, run);
  CHECK(left.result[kCountedAnchors] == 4);
  CHECK(left.result[kLeftOutAnchors] == 1);
  CHECK(left.loss[0] == 0);
  CHECK(std::all_of(left.g.begin(), left.g.begin() + 5, [](float g) { return g == 0; }));
  CHECK(left.result[kContrastiveLoss] == doctest::Approx(std::log(2.)).epsilon(1e-6));

  // One class alone: nothing to tell apart in D2, positives against each other in D1.
  const std::vector<int32_t> real(5, 0);
  const Pairs alone{.label = real.data(), .rows = nullptr, .batch = 5};
  const RowResults d2 =
      run_rows(alone, s, ContrastiveForm::separate, MarginRule::of(Margin::cosine, 0), 1, 1, run);
  CHECK(d2.result[kContrastiveLoss] == 0);
  CHECK(d2.result[kHardestNegative] == -1);
  CHECK(std::all_of(d2.g.begin(), d2.g.begin() + 25, [](float g) { return g == 0; }));

  const std::vector<int32_t> pair = {0, 1};
  const Pairs none{.label = pair.data(), .rows = nullptr, .batch = 2};
  const RowResults nothing =
      run_rows(none, s, ContrastiveForm::joint, MarginRule::of(Margin::cosine, 0), 1, 1, run);
  CHECK(nothing.result[kContrastiveLoss] == 0);
  CHECK(nothing.result[kCountedAnchors] == 0);
  CHECK(nothing.result[kLeftOutAnchors] == 2);
}

TEST_SUITE("host") {
  TEST_CASE("contrastive: weights of pairs in one tuple, by central differences") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_tuples(run);
    });
  }

  TEST_CASE("contrastive: keys not in use, anchors without positives, one class alone") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_lonely(run);
    });
  }

  TEST_CASE("contrastive: margins at the ends of the cosine, extreme temperatures") {
    const std::vector<int32_t> label = {0, 0, 1};
    const Pairs pairs{.label = label.data(), .rows = nullptr, .batch = 3};
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const float cosine : {-1.000001f, -1.f, -.99f, 1.f, 1.000001f})
        for (const float tau : {1e-3f, .1f, 1e3f})
          for (const auto form : {ContrastiveForm::joint, ContrastiveForm::separate})
            for (const auto kind : {Margin::cosine, Margin::arc}) {
              const std::vector<float> s = {1, cosine, .5f, cosine, 1, -.5f, .5f, -.5f, 1};
              const RowResults out = run_rows(pairs, s, form, MarginRule::of(kind, .2f), tau, 1, run);
              CHECK(std::isfinite(out.result[kContrastiveLoss]));
              CHECK(std::all_of(out.g.begin(), out.g.end(), [](float g) { return std::isfinite(g); }));
            }
      // acos(-.99) + .2 passes pi: phi = s - m sin m.
      const std::vector<float> s = {1, -.99f, 0, -.99f, 1, 0, 0, 0, 1};
      const RowResults out =
          run_rows(pairs, s, ContrastiveForm::separate, MarginRule::of(Margin::arc, .2f), 1, 1, run);
      CHECK(out.loss[0] == doctest::Approx(std::log1p(std::exp(.99 + .2 * std::sin(.2)))).epsilon(1e-6));
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("contrastive: any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_tuples(run);
      check_lonely(run);
    });
  }
}

}  // namespace rc
