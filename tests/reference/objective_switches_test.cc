// Every switch of the reference objective: its gradient by central differences over random configurations,
// and what its centres, mining and synthesis decide on batches small enough to decide by hand.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/rng.h"
#include "tests/reference/difference.h"
#include "tests/reference/mining.h"
#include "tests/reference/objective.h"

namespace rc::reference {
namespace {

struct Configuration {
  Objective objective;
  Vector v;
  std::vector<int> labels;
  Constants constants{Vector()};
};

Vector random_rows(Rng& rng, int rows, int dim) {
  Vector v;
  for (int i = 0; i < rows * dim; ++i) v.push_back(rng.uniform(-1, 1));
  return v;
}

Configuration random_configuration(uint32_t index) {
  Rng rng(62, Purpose::test, index);
  const auto below = [&](int n) { return int(rng.below(uint32_t(n))); };
  Configuration c;
  const int n = 4 + below(6), dim = 5 + below(3), queue = below(4), centres = 1 + below(3);
  c.v = random_rows(rng, n, dim);
  std::vector<int> centre_of;
  for (int i = 0; i < n; ++i) c.labels.push_back(i < 4 ? i % 2 : below(2));
  for (int i = 0; i < n + queue; ++i) centre_of.push_back(below(centres));
  c.constants = {dim, l2_normalise(dim, random_rows(rng, centres, dim)), centre_of,
                 l2_normalise(dim, random_rows(rng, queue, dim))};

  const auto pick = [&](int label) {  // a row of the class, of the queue too
    int row = below(n + queue);
    while ((row < n ? c.labels[row] : 1) != label) row = below(n + queue);
    return row;
  };
  Objective& o = c.objective;
  o.form = rng.coin(.5f) ? Form::d1 : Form::d2;
  o.margin = rng.coin(.5f) ? Margin::cos : Margin::arc;
  o.role = rng.coin(.5f) ? Role::key : Role::anchor;
  o.m = rng.uniform(0, .4f), o.tau = rng.uniform(.1f, .5f);
  o.detach_positives = rng.coin(.3f), o.detach_negatives = rng.coin(.3f);
  const bool geodesic = rng.coin(.5f);
  for (int k = below(4); k > 0; --k) {
    const int row = below(n);
    o.positives.push_back({row, c.labels[row] == 0 ? rng.uniform(1, 2) : rng.uniform(.5f, 1), geodesic});
  }
  for (int k = below(5); k > 0; --k) {
    const int label = below(2), owner = rng.coin(.5f) ? FusedNegative::everyone : below(n);
    const int first = label == 1 && rng.coin(.5f) ? FusedNegative::centre : pick(label);
    o.negatives.push_back({first, pick(label), rng.uniform(), owner});
  }
  if (rng.coin(.5f)) {
    for (int i = 0; i < n; ++i) o.tuple.push_back(below(3) - 1);
    o.w = rng.uniform(.5f, 3), o.nu = rng.uniform(.5f, 3);
  }
  return c;
}

double cosine(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

TEST_SUITE("host") {
  // h = 1e-5: the truncation h^2 f''' / 6, with f''' near (phi' / tau)^3 / |v|^3 and phi' up to 3 where the
  // arc margin is steep, stays near 1e-6; rounding is near 1e-10.
  TEST_CASE("reference objective: gradients of random configurations are central differences") {
    for (uint32_t index = 0; index < 150; ++index) {
      CAPTURE(index);
      const Configuration c = random_configuration(index);
      const Objective& o = c.objective;
      const Vector z0 = l2_normalise(c.constants.dim, c.v), hard = hard_positives(o, z0, c.constants),
                   fused = fused_negatives(o, z0, c.constants);
      const auto loss = [&](const Vector& v) {  // with detached rows held where they are
        const Vector z = l2_normalise(c.constants.dim, v);
        return margin_loss(o, z, c.labels, o.detach_positives ? hard : hard_positives(o, z, c.constants),
                           o.detach_negatives ? fused : fused_negatives(o, z, c.constants), c.constants.dim)
            .loss;
      };
      const LossGradient got = objective(o, c.v, c.labels, c.constants);
      CHECK(got.loss == loss(c.v));
      CHECK(worst_difference(loss, c.v, got.gradient) < 1e-6);
    }
  }

  TEST_CASE("reference objective: the weights of a tuple, by hand") {
    // Two reals at right angles, fakes at 60 degrees from the first; rows 0, 1 and 2 are of one tuple.
    const double half = std::sqrt(3.0) / 2;
    const Vector z = {1, 0, 0, 1, .5, half, 1, 0, .5, -half};
    const std::vector<int> labels = {0, 0, 1, 0, 1};
    Objective o{.m = 0, .tau = 1, .tuple = {7, 7, 7, -1, -1}, .w = 3, .nu = 5};
    const auto anchor = [&](const Vector& s, const Vector& log_nu, const Vector& positive,
                            const Vector& weight) {
      double sum = 0, loss = 0;
      for (size_t k = 0; k < s.size(); ++k) sum += std::exp(s[k] + log_nu[k]);
      for (double p : positive) sum += std::exp(p);
      for (size_t k = 0; k < positive.size(); ++k)
        loss -= weight[k] / (weight[0] + (weight.size() > 1 ? weight[1] : 0)) * (positive[k] - std::log(sum));
      return loss;
    };
    const double five = std::log(5);
    const double expected = anchor({.5, .5}, {five, 0}, {0, 1}, {3, 1}) +          // row 0
                            anchor({half, -half}, {five, 0}, {0, 0}, {3, 1}) +     // row 1
                            anchor({.5, half, .5}, {five, five, 0}, {-.5}, {1}) +  // row 2
                            anchor({.5, .5}, {0, 0}, {1, 0}, {1, 1}) +             // row 3
                            anchor({.5, -half, .5}, {0, 0, 0}, {-.5}, {1});        // row 4
    CHECK(std::abs(margin_loss(o, z, labels, {}, {}, 2).loss - expected / 5) < 1e-14);
  }

  TEST_CASE("reference objective: which synthetic rows are keys of which anchors") {
    // The batch's rows are the axes: a key's gradient, the sum of G_ik z_i over its anchors, shows who they
    // are.
    const Vector z = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    const std::vector<int> labels = {0, 0, 1, 1};
    const Constants constants{.5, .5, .5, .5};
    const auto axes = [&](const Objective& o) {  // of the gradient of the first synthetic row
      const Vector hard = hard_positives(o, z, constants), fused = fused_negatives(o, z, constants);
      const Vector g = margin_loss(o, z, labels, hard, fused, 4).gradient;
      std::vector<int> rows;
      for (int i = 0; i < 4; ++i)
        if (g[16 + i] != 0) rows.push_back(i);
      return rows;
    };
    CHECK(axes({.positives = {{0, 1.5}}}) == std::vector{1});  // not its source, no fake
    CHECK(axes({.positives = {{2, .75}}}) == std::vector{3});
    CHECK(axes({.negatives = {{2, 3, .5}}}) == std::vector{0, 1});
    CHECK(axes({.negatives = {{0, 1, .5}}}) == std::vector{2, 3});
    CHECK(axes({.negatives = {{FusedNegative::centre, 3, .5}}}) == std::vector{0, 1});
    CHECK(axes({.negatives = {{2, 3, .5, 1}}}) == std::vector{1});  // owned by row 1
    CHECK(axes({.negatives = {{2, 3, .5, 2}}}).empty());            // by one of its own class
    // As an anchor: its gradient is the sum of G_ak z_k over its keys.
    CHECK(axes({.positives = {{0, 1.5}}, .role = Role::anchor}) == std::vector{1, 2, 3});
    CHECK(axes({.positives = {{2, .75}}, .role = Role::anchor}) == std::vector{0, 1, 3});
    // The anchor that is extrapolated from row 1 has the keys of row 1: fakes 2 and 3, once more.
    const auto at_fused = [&](int owner) {
      const Objective o{.positives = {{1, 1.5}}, .role = Role::anchor, .negatives = {{2, 3, .5, owner}}};
      const Vector hard = hard_positives(o, z, constants);
      const Vector g = margin_loss(o, z, labels, hard, fused_negatives(o, z, constants), 4).gradient;
      return Vector(g.begin() + 20, g.end());
    };
    CHECK(at_fused(0)[1] == 0);
    CHECK(at_fused(1)[1] > 0);
    CHECK(at_fused(1)[2] < 0);  // row 1 is an axis; the extrapolated one leans away from the others
  }

  TEST_CASE("reference synthesis: the great circle") {
    const double r = std::sqrt(.5);
    const Constants constants(Vector{1, 0, 0});
    const Vector z = {r, r, 0, 0, 0, 1, 1, 0, 0};  // at 45 and 90 degrees of the centre, and on it
    const Vector moved = synthetic(HardPositive{0, 4.0 / 3, true}, z, constants);  // to 60 degrees
    CHECK(moved[0] == doctest::Approx(.5));
    CHECK(moved[1] == doctest::Approx(std::sqrt(3.0) / 2));
    CHECK(synthetic(HardPositive{2, 1.5, true}, z, constants) == Vector{1, 0, 0});
    const std::vector<int> reals = {0, 0, 0}, mixed = {0, 0, 1};
    CHECK(guarded_lambda({0, 1.8, true}, z, reals, constants) == 1.8);
    CHECK(guarded_lambda({0, 2.5, true}, z, reals, constants) == doctest::Approx(2));  // a right angle
    CHECK(guarded_lambda({1, 1.5, true}, z, reals, constants) == 1);
    CHECK(guarded_lambda({0, .75, true}, z, reals, constants) == .75);
    CHECK(guarded_lambda({0, 1.2, true}, z, mixed, constants) == 1);  // beyond the fake, which is at c
    CHECK(guarded_lambda({2, .75, true}, z, mixed, constants) == 1);  // no circle
    CHECK(guarded_lambda({0, 1.5, true}, z, reals, Constants(Vector{0, 0, 0})) == 1);
  }

  TEST_CASE("reference synthesis: rows of the queue and of several centres") {
    const Constants constants(2, {1, 0, 0, 1}, {0, 1, 1, 0}, {0, -1, .6, .8});
    const Vector z = {.8, .6, 1, 0};
    const double r = std::sqrt(.5);
    const Vector pair = synthetic(FusedNegative{3, 1, .5}, z, constants);  // (.6, .8) + (1, 0)
    CHECK(pair[0] == doctest::Approx(1.6 / std::sqrt(1.6 * 1.6 + .64)));
    const Vector with_centre = synthetic(FusedNegative{FusedNegative::centre, 1, .5}, z, constants);
    CHECK(with_centre[0] == doctest::Approx(r));  // the centre of row 1 is (0, 1)
    CHECK(with_centre[1] == doctest::Approx(r));
    Vector dz(4);
    add_gradient(FusedNegative{3, 2, .5}, z, constants, {1, 1}, dz);  // all of the queue
    CHECK(dz == Vector(4));

    // Rank fakes: row 1 has cosine 0 to its centre, row 2 -1, row 3 .6.
    const std::vector<int> labels = {0, 1};
    const auto rows = [](const std::vector<Ranked>& ranking) {
      std::vector<int> out;
      for (const Ranked& r_ : ranking) out.push_back(r_.row);
      return out;
    };
    CHECK(rows(rank_by_centre(z, labels, constants, 1, true)) == std::vector{3, 1, 2});
    CHECK(rows(rank_by_centre(z, labels, constants, 1)) == std::vector{1});
    CHECK(rows(rank_neighbours(z, labels, constants, 0)) == std::vector{3, 1, 2});
    CHECK(rows(rank_neighbours(z, labels, constants, 1)) == std::vector{0});
  }

  TEST_CASE("reference centres: farthest first, nearest, moving averages") {
    // Reals at 0, 20, 90 and 100 degrees, a fake at 180.
    const auto at = [](double degrees) { return degrees * std::numbers::pi / 180; };
    Vector z;
    for (double degrees : {0, 20, 90, 100, 180})
      z.push_back(std::cos(at(degrees))), z.push_back(std::sin(at(degrees)));
    const std::vector<int> labels = {0, 0, 0, 0, 1};
    double margin = 1;
    const Centres seeds = seed_centres({2, Vector(6), {0, 0, 0}}, z, labels, margin);
    // The mean lies at 52.5 degrees: row 0 is the farthest (52.5 away); then row 3 (47.5).
    CHECK(std::atan2(seeds.at[1], seeds.at[0]) == doctest::Approx(at(52.4)).epsilon(.01));
    CHECK(seeds.at[2] == 1);
    CHECK(seeds.at[4] == z[6]);
    CHECK(margin < .2);
    CHECK(margin > 0);
    const std::vector<int> of = nearest_centres(seeds, z, margin);
    CHECK(of == std::vector{1, 1, 2, 2, 2});
    const Centres moved = move_centres(seeds, z, labels, of);
    CHECK(moved.started == std::vector{0, 1, 1});  // nobody is nearest to the mean
    CHECK(std::atan2(moved.at[3], moved.at[2]) == doctest::Approx(at(10)));
    CHECK(std::atan2(moved.at[5], moved.at[4]) == doctest::Approx(at(95)));
    const Centres kept = move_centres(moved, z, labels, {1, 1, 1, 1, 1}, 1);
    CHECK(cosine(kept.at, moved.at) == doctest::Approx(cosine(moved.at, moved.at)));
    CHECK(centres_of_views(6, 2) == std::vector{0, 0, 0, 1, 1, 1});

    Centres none{2, {0, 0, 0, 0}, {0, 0}};
    CHECK(seed_centres(none, z, std::vector{1, 1, 1, 1, 1}, margin).at == none.at);
    const Vector opposite = {0, 1, 0, -1};  // without a mean: the first real, then the other
    CHECK(seed_centres(none, opposite, std::vector{0, 0}, margin).at == opposite);
  }
}

}  // namespace rc::reference
