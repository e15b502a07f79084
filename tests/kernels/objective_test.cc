// The whole objective made of its kernels, against independent golden values and the double-precision
// reference.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/rng.h"
#include "kernels/draws.h"
#include "kernels/mining.h"
#include "kernels/scores.h"
#include "tests/kernels/objective_pipeline.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/objective.h"

namespace rc {

using reference::Vector;

// Independent values of ten cases, computed elsewhere in double precision: 8 rows of 6, the first four real.
struct Golden {
  const char* name;
  ObjectiveCase given;
  double loss, norm, first, sixth;  // L, |dL/dv|, dv[0][0], dv[5][2]
};

ObjectiveCase golden_rows() {
  ObjectiveCase c;
  c.dim = 6;
  c.label = {0, 0, 0, 0, 1, 1, 1, 1};
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 6; ++j)
      c.v.push_back(float(std::sin(0.7 * (6 * i + j) + 0.3) + (j ? 0 : i < 4 ? .5 : -.5)));
  c.centre = {.814608523f, .295125762f, .367162788f, .266517417f, .040524741f, -.204527354f};
  return c;
}

std::vector<Golden> golden_cases() {
  const ObjectiveCase plain = golden_rows();
  const auto with = [&](auto change) {
    ObjectiveCase c = plain;
    change(c);
    return c;
  };
  const auto margin = [](Margin kind, float m) { return MarginRule::of(kind, m); };
  const auto hard_positive = [](ObjectiveCase& c) {
    c.rows = {1, kCentre}, c.weight = {1.5f}, c.positives = 1;
  };
  const auto hard_negatives = [](ObjectiveCase& c) {
    c.rows.insert(c.rows.end(), {6, 5, 6, kCentre});
    c.weight.insert(c.weight.end(), {.5f, .75f});
  };
  return {
      {"SupCon", with([&](auto& c) { c.margin = margin(Margin::cosine, 0); }), 11.126899493, 2.878957338,
       -0.514967720, 0.190336860},
      {"D1 cosine", plain, 12.564769103, 3.264907230, -0.668041893, 0.190347252},
      {"D1 arc", with([&](auto& c) { c.margin = margin(Margin::arc, .2f); }), 12.496559579, 2.794337905,
       -0.471858982, 0.176037601},
      {"D2, no margin", with([&](auto& c) {
         c.form = ContrastiveForm::separate;
         c.margin = margin(Margin::cosine, 0);
       }),
       10.618211723, 3.339294440, -0.704618484, 0.190345358},
      {"D2 cosine", with([&](auto& c) { c.form = ContrastiveForm::separate; }), 12.430824400, 3.479973488,
       -0.755670701, 0.190349057},
      {"hard positive as key", with(hard_positive), 13.212231342, 3.171072724, -0.571280687, 0.190347247},
      {"hard positive as anchor", with([&](auto& c) {
         hard_positive(c);
         c.positives_anchor = true;
       }),
       13.280838098, 3.010508557, -0.568548845, 0.169197059},
      {"hard negatives", with(hard_negatives), 12.818620576, 3.230127025, -0.664163746, 0.188946911},
      {"hard negatives, detached", with([&](auto& c) {
         hard_negatives(c);
         c.detach_negatives = true;
       }),
       12.818620576, 3.108121137, -0.664163746, 0.189780489},
      {"hard positive and hard negatives", with([&](auto& c) {
         hard_positive(c);
         hard_negatives(c);
       }),
       13.466082813, 3.136782040, -0.567402540, 0.188946906},
  };
}

template <class Run>
void check_golden(Run run, bool fused) {
  for (const Golden& golden : golden_cases()) {
    CAPTURE(golden.name);
    const PipelineOutcome out = run_objective(golden.given, run, fused);
    double square = 0;
    for (const float g : out.dv) square += double(g) * g;
    CHECK(out.result[kContrastiveLoss] == doctest::Approx(golden.loss).epsilon(1e-5));
    CHECK(std::sqrt(square) == doctest::Approx(golden.norm).epsilon(1e-5));
    CHECK(out.dv[0] == doctest::Approx(golden.first).epsilon(1e-5));
    CHECK(out.dv[5 * 6 + 2] == doctest::Approx(golden.sixth).epsilon(1e-5));
  }
}

// A random batch with everything that is mined and drawn made by the kernels themselves.
template <class Run>
ObjectiveCase random_case(uint32_t index, Run run) {
  Rng rng(11, Purpose::test, index);
  const auto pick = [&](auto... of) {
    const std::vector options{of...};
    return options[rng.below(uint32_t(options.size()))];
  };
  ObjectiveCase c;
  c.dim = pick(8, 13, 32, 128);
  const int64_t reals = pick(0, 1, 2, 5, 12), fakes = pick(0, 1, 2, 7, 12), batch = reals + fakes;
  for (int64_t i = 0; i < batch; ++i) c.label.push_back(i >= reals);
  for (int64_t i = batch; i > 1; --i) std::swap(c.label[size_t(i - 1)], c.label[rng.below(uint32_t(i))]);
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t d = 0; d < c.dim; ++d)
      c.v.push_back(rng.uniform(-1, 1) + (d == 0 ? c.label[size_t(i)] ? -.5f : .5f : 0));
  for (int64_t d = 0; d < c.dim; ++d) c.centre.push_back(d == 0);
  c.form = pick(ContrastiveForm::joint, ContrastiveForm::separate);
  c.margin = MarginRule::of(pick(Margin::cosine, Margin::arc), pick(0.f, .1f, .2f, .5f));
  c.temperature = pick(.07f, .1f, .5f);
  c.beta = pick(.5f, 1.f);
  c.positives_anchor = rng.coin(.3f);
  c.detach_negatives = rng.coin(.3f);
  if (batch == 0) return c;

  const int64_t pairs = pick(0, 4), with_centre = pick(0, 3), max_fake = 4;
  c.positives = pick(0, 1) * marginal_count(.25f, batch);
  c.rows.resize(size_t(2 * (c.positives + pairs + with_centre)));
  c.weight.resize(size_t(c.positives + pairs + with_centre));
  std::vector<float> z(c.v), norm(c.label.size()), distance(c.label.size()), scalars(kScalars, 1);
  std::vector<int32_t> marginal(size_t(c.positives), kUnused), hard(max_fake, kUnused);
  const std::vector<uint32_t> step{index};
  run(Normalise{z.data(), z.data(), norm.data(), batch, c.dim});
  run(RealDistance{z.data(), c.centre.data(), distance.data(), batch, c.dim});
  run(FakeDistance{distance.data(), c.label.data(), c.fake_distance.data(), batch});
  run(MineRows{distance.data(), c.label.data(), marginal.data(), batch, c.positives, 0, true, .25f});
  run(MineRows{distance.data(), c.label.data(), hard.data(), batch, max_fake, 1, false});
  run(DrawExtrapolations{marginal.data(), scalars.data(), step.data(), c.rows.data(), c.weight.data(),
                         c.positives, 0, 5});
  run(DrawFusions{hard.data(), c.label.data(), scalars.data(), step.data(), c.rows.data() + 2 * c.positives,
                  c.weight.data() + c.positives, nullptr, batch, max_fake, pairs, with_centre,
                  pairs + with_centre, 5});
  return c;
}

// The same case for the reference. Rows and weights are those after MixKeys.
reference::Objective reference_of(const ObjectiveCase& c, const Vector& centre) {
  reference::Objective o{
      .form = c.form == ContrastiveForm::joint ? reference::Form::d1 : reference::Form::d2,
      .margin = c.margin.kind == Margin::cosine ? reference::Margin::cos : reference::Margin::arc,
      .m = c.margin.m,
      .tau = c.temperature,
      .role = c.positives_anchor ? reference::Role::anchor : reference::Role::key,
      .detach_negatives = c.detach_negatives};
  const Vector z = reference::l2_normalise(int(c.dim), Vector(c.v.begin(), c.v.end()));
  for (int64_t k = 0; k < c.synthetic(); ++k) {
    const int32_t x = c.rows[size_t(2 * k)], y = c.rows[size_t(2 * k + 1)];
    const double w = c.weight[size_t(k)];
    if (x == kUnused) continue;
    if (k < c.positives) {
      const reference::HardPositive hard{x, w};
      o.positives.push_back({x, reference::guarded_lambda(hard, z, c.label, centre)});
    } else {
      o.negatives.push_back(y == kCentre
                                ? reference::FusedNegative{reference::FusedNegative::centre, x, 1 - w}
                                : reference::FusedNegative{x, y, w});
    }
  }
  return o;
}

// How far fp32 may be from exact arithmetic: four times as far as the exact objective moves when every input
// moves by dim units in the last place, up or down at random. A cosine then moves by about sqrt(dim) units,
// as much as the rounding of a sum of dim products. Below that, a few units of the largest gradient, and of
// the largest logit, 1 / tau, for the loss.
struct Tolerance {
  double loss, gradient;
};
Tolerance tolerance_of(const ObjectiveCase& c, const reference::Objective& objective, const Vector& centre,
                       const reference::LossGradient& truth) {
  constexpr double kUnit = 0x1p-24;
  Tolerance t{1 / c.temperature, 0};
  for (const double g : truth.gradient) t.gradient = std::max(t.gradient, std::abs(g));
  t.loss *= 8 * kUnit, t.gradient *= 8 * kUnit;
  for (uint32_t trial = 0; trial < 4; ++trial) {
    Rng rng(12, Purpose::test, trial);
    Vector v(c.v.begin(), c.v.end());
    for (double& x : v) x *= 1 + (rng.coin(.5f) ? 1 : -1) * double(c.dim) * kUnit;
    const reference::LossGradient moved = reference::objective(objective, v, c.label, centre);
    t.loss = std::max(t.loss, 4 * std::abs(moved.loss - truth.loss));
    for (size_t i = 0; i < v.size(); ++i)
      t.gradient = std::max(t.gradient, 4 * std::abs(moved.gradient[i] - truth.gradient[i]));
  }
  return t;
}

template <class Run>
void check_random(uint32_t index, Run run, bool fused) {
  CAPTURE(index);
  CAPTURE(fused);
  const ObjectiveCase c = random_case(index, run);
  if (c.label.empty()) return;
  const PipelineOutcome out = run_objective(c, run, fused);
  const Vector centre(c.centre.begin(), c.centre.end());
  const reference::Objective objective = reference_of(c, centre);
  const reference::LossGradient truth =
      reference::objective(objective, Vector(c.v.begin(), c.v.end()), c.label, centre);
  const Tolerance tolerance = tolerance_of(c, objective, centre, truth);
  CHECK(std::abs(out.result[kContrastiveLoss] - truth.loss) <= tolerance.loss);
  double worst = 0;
  for (size_t i = 0; i < out.dv.size(); ++i)
    worst = std::max(worst, std::abs(out.dv[i] - c.beta * truth.gradient[i]));
  CHECK(worst <= tolerance.gradient);
  CHECK(std::all_of(out.dv.begin(), out.dv.end(), [](float g) { return std::isfinite(g); }));

  const auto reals = std::count(c.label.begin(), c.label.end(), 0), fakes = c.batch() - reals;
  const auto extra = c.positives_anchor
                         ? std::count_if(out.mix_norm.begin(), out.mix_norm.begin() + c.positives,
                                         [](float n) { return n > 0; })
                         : 0;
  const auto left_out = (reals == 1 ? 1 + extra : 0) + (fakes == 1);
  CHECK(out.result[kLeftOutAnchors] == float(left_out));
  CHECK(out.result[kCountedAnchors] == float(reals + fakes + extra - left_out));
}

TEST_SUITE("host") {
  TEST_CASE("objective of kernels: the ten golden cases") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const bool fused : {false, true}) check_golden(run, fused);
    });
  }

  TEST_CASE("objective of kernels: random batches, loss, gradient and counts") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 120; ++index)
        for (const bool fused : {false, true}) check_random(index, run, fused);
    });
  }

  TEST_CASE("objective of kernels: the order of a batch does not matter") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      const ObjectiveCase c = golden_cases().back().given;
      const std::vector<int32_t> order = {3, 6, 0, 1,
                                          7, 5, 2, 4};  // row i of the other batch is row order[i]
      ObjectiveCase moved = c;
      for (size_t i = 0; i < order.size(); ++i) {
        const auto from = size_t(order[i]);
        moved.label[i] = c.label[from];
        std::copy_n(c.v.begin() + int64_t(from) * c.dim, c.dim, moved.v.begin() + int64_t(i) * c.dim);
        for (size_t k = 0; k < c.rows.size(); ++k)
          if (c.rows[k] == order[i]) moved.rows[k] = int32_t(i);
      }
      const PipelineOutcome plain = run_objective(c, run), other = run_objective(moved, run);
      for (size_t i = 0; i < order.size(); ++i)
        for (size_t d = 0; d < 6; ++d)  // values up to 1, sums of about 20 terms in another order
          CHECK(std::abs(other.dv[i * 6 + d] - plain.dv[size_t(order[i]) * 6 + d]) < 20 * 0x1p-24);
    });
  }

  TEST_CASE("objective of kernels: the same bits for any number of threads") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const uint32_t index : {5, 8, 21})
        CHECK(same_for_any_threads([&] { return run_objective(random_case(index, run), run); }));
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("objective of kernels: golden cases and random batches for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const bool fused : {false, true}) check_golden(run, fused);
      for (const uint32_t index : {3, 17, 29})
        for (const bool fused : {false, true}) check_random(index, run, fused);
    });
  }
}

}  // namespace rc
