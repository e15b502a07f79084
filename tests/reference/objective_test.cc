// The reference objective against independent values (ten cases, computed elsewhere in double precision) and
// central differences.
#include "tests/reference/objective.h"
#include "tests/reference/mining.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "tests/reference/difference.h"

namespace rc::reference {
namespace {

constexpr int kRows = 8, kDim = 6;
constexpr int kLabels[kRows] = {0, 0, 0, 0, 1, 1, 1, 1};

Vector raw_rows() {
  Vector v;
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kDim; ++j)
      v.push_back(std::sin(0.7 * (6 * i + j) + 0.3) + (j ? 0 : i < 4 ? .5 : -.5));
  return v;
}

double norm(const Vector& x) { return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0)); }

Vector centre() { return update_centre({}, l2_normalise(kDim, raw_rows()), kLabels); }

struct Case {
  const char* name;
  Objective objective;
  double loss, norm, first, sixth;  // L, |dL/dv|, dv[0][0], dv[5][2]
};

std::vector<Case> cases() {
  const std::vector<HardPositive> hp = {{1, 1.5}};
  const std::vector<FusedNegative> hn = {{6, 5, .5}, {FusedNegative::centre, 6, .25}};
  using enum Form;
  using enum Margin;
  return {
      {"SupCon", {.m = 0}, 11.126899493, 2.878957338, -0.514967720, 0.190336860},
      {"D1 cos", {}, 12.564769103, 3.264907230, -0.668041893, 0.190347252},
      {"D1 arc", {.margin = arc}, 12.496559579, 2.794337905, -0.471858982, 0.176037601},
      {"D2 m=0", {.form = d2, .m = 0}, 10.618211723, 3.339294440, -0.704618484, 0.190345358},
      {"D2 cos", {.form = d2}, 12.430824400, 3.479973488, -0.755670701, 0.190349057},
      {"HP key, flow", {.positives = hp}, 13.212231342, 3.171072724, -0.571280687, 0.190347247},
      {"HP anchor, flow",
       {.positives = hp, .role = Role::anchor},
       13.280838098,
       3.010508557,
       -0.568548845,
       0.169197059},
      {"HN flow", {.negatives = hn}, 12.818620576, 3.230127025, -0.664163746, 0.188946911},
      {"HN detached",
       {.negatives = hn, .detach_negatives = true},
       12.818620576,
       3.108121137,
       -0.664163746,
       0.189780489},
      {"HP key + HN flow",
       {.positives = hp, .negatives = hn},
       13.466082813,
       3.136782040,
       -0.567402540,
       0.188946906},
  };
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("reference objective: the centre of natural faces") {
    const double c[] = {.814608523, .295125762, .367162788, .266517417, .040524741, -.204527354};
    const double zc[] = {.882155837,  -.507836721, .264298622, .887422211,
                         -.751448271, -.239891714, .501112311, -.740912274};
    const Vector z = l2_normalise(kDim, raw_rows()), ours = centre();
    for (int d = 0; d < kDim; ++d) CHECK(std::abs(ours[d] - c[d]) < 1e-9);
    for (int i = 0; i < kRows; ++i)
      CHECK(std::abs(std::inner_product(ours.begin(), ours.end(), &z[i * kDim], 0.0) - zc[i]) < 1e-9);
  }

  TEST_CASE("reference objective: the ten golden cases") {
    for (const Case& k : cases()) {
      INFO(k.name);
      const LossGradient got = objective(k.objective, raw_rows(), kLabels, centre());
      CHECK(std::abs(got.loss - k.loss) < 1e-8);
      CHECK(std::abs(norm(got.gradient) - k.norm) < 1e-8);
      CHECK(std::abs(got.gradient[0] - k.first) < 1e-8);
      CHECK(std::abs(got.gradient[5 * kDim + 2] - k.sixth) < 1e-8);
    }
  }

  // Central differences with h = 1e-5: the truncation h^2 f'''/6 (f''' ~ 1/tau^3) stays near 1e-8, rounding
  // near 1e-10.
  TEST_CASE("reference objective: gradients are central differences") {
    const Vector v = raw_rows(), c = centre();
    auto all = cases();
    for (Role role : {Role::key, Role::anchor})
      for (Form form : {Form::d1, Form::d2}) {
        Objective o = all.back().objective;
        o.role = role, o.form = form, o.margin = Margin::arc;
        all.push_back({"arc, HP, HN", o, 0, 0, 0, 0});
      }
    for (Case& k : all) {
      INFO(k.name);
      k.objective.detach_negatives = false;
      const auto f = [&](const Vector& x) { return objective(k.objective, x, kLabels, c).loss; };
      CHECK(worst_difference(f, v, objective(k.objective, v, kLabels, c).gradient) < 1e-7);
    }
  }

  TEST_CASE("reference objective: detached synthetic rows are constants") {
    const Vector v = raw_rows(), c = centre(), z0 = l2_normalise(kDim, v);
    for (Role role : {Role::key, Role::anchor}) {
      Objective o = cases().back().objective;
      o.role = role, o.detach_positives = o.detach_negatives = true;
      const Vector hard = hard_positives(o, z0, c), fused = fused_negatives(o, z0, c);
      const auto frozen = [&](const Vector& x) {
        return margin_loss(o, l2_normalise(kDim, x), kLabels, hard, fused, kDim).loss;
      };
      CHECK(worst_difference(frozen, v, objective(o, v, kLabels, c).gradient) < 1e-7);
    }
  }

  TEST_CASE("reference objective: the arc margin falls back where theta + m passes pi") {
    const Vector z = {1, 0, -1,
                      0, 0, 1};  // the two reals are opposite, the fake at right angles: s = -1 and 0
    const int labels[] = {0, 0, 1};
    const Objective o{.margin = Margin::arc};
    const double u = (-1 - o.m * std::sin(o.m)) / o.tau;
    // s is clamped to -1 + 1e-7, hence u by 1e-6.
    CHECK(std::abs(margin_loss(o, z, labels, {}, {}, 2).loss - (std::log(std::exp(u) + 1) - u)) < 2e-6);
  }

  TEST_CASE("reference objective: mining, guard, degenerate batches") {
    const Vector z = l2_normalise(kDim, raw_rows()), c = centre();
    CHECK(mine_positives(z, kLabels, c) == std::vector{1});
    CHECK(mine_positives(z, kLabels, c, 0.26) == std::vector{1, 2});
    CHECK(mine_negatives(z, kLabels, c, 2) == std::vector{6, 5});
    CHECK(mine_negatives(z, kLabels, c).size() == 4);
    const Vector twins = {0, 1, 0, 1, 1, 0};
    CHECK(mine_positives(twins, std::vector{0, 0, 0}, {1, 0}, 0.5) == std::vector{0, 1});

    CHECK(guarded_lambda({1, 1.5}, z, kLabels, c) == 1);    // row 1 is already beyond the fakes
    CHECK(guarded_lambda({0, 1.5}, z, kLabels, c) == 1.5);  // row 0 is not
    CHECK(guarded_lambda({0, 1.5}, {0, 1}, std::vector{0}, {1, 0}) == 1.5);

    CHECK(update_centre(c, z, std::vector(kRows, 1)) == c);
    CHECK(update_centre({1, 0}, {0, 1, 0, -1}, std::vector{0, 0}) == Vector{1, 0});
    const Vector moved = update_centre({1, 0}, {0, 1}, std::vector{0});
    CHECK(moved[1] / moved[0] == doctest::Approx(1.0 / 9));

    const LossGradient lone = objective({}, {3, 4}, std::vector{0}, {1, 0});
    CHECK(lone.loss == 0);
    CHECK(lone.gradient == Vector{0, 0});
    Objective opposite{.negatives = {{1, 2, .5}}};  // fuses to nothing: no key
    const int labels[] = {0, 1, 1, 0};
    const Vector rows = {1, 0, 0, 1, 0, -1, 1, 1};
    CHECK(objective(opposite, rows, labels, {1, 0}).loss == objective({}, rows, labels, {1, 0}).loss);
  }
}

}  // namespace rc::reference
