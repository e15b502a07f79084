// The reference of the control losses: its gradients by central differences, its values against PyTorch's
// float64.
#include "tests/reference/controls.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/rng.h"
#include "tests/golden/golden.h"
#include "tests/reference/difference.h"

namespace rc::reference {
namespace {

Vector random_values(int count, uint32_t index) {
  Rng rng(61, Purpose::test, index);
  Vector x;
  for (int i = 0; i < count; ++i) x.push_back(rng.uniform(-2, 2));
  return x;
}

// Central differences with h = 1e-5 of functions whose third derivatives are of order 10: h^2 10 / 6 and the
// rounding 1e-16 / h of values of order 10 are both below 1e-9.
constexpr double kDifference = 1e-9;

double furthest(const Vector& got, const Vector& want) {
  double worst = got.size() == want.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(got.size(), want.size()); ++i)
    worst = std::max(worst, std::abs(got[i] - want[i]));
  return worst;
}

constexpr double kTolerance = 1e-12;  // two double computations of the same short sums, of order 10 at most

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("reference single-centre loss: gradients are central differences, on both sides of the kink") {
    constexpr int kDim = 5;
    const std::vector<int> labels = {0, 1, 0, 0, 1, 1, 0};
    for (const double m : {0.0, 0.3, 2.0})
      for (uint32_t index = 0; index < 4; ++index) {
        const Vector f = random_values(7 * kDim, index), centre = random_values(kDim, 100 + index);
        const SingleCentre got = single_centre(f, labels, centre, m);
        const auto of_f = [&](const Vector& x) { return single_centre(x, labels, centre, m).loss; };
        const auto of_centre = [&](const Vector& c) { return single_centre(f, labels, c, m).loss; };
        CHECK(worst_difference(of_f, f, got.df) < kDifference);
        CHECK(worst_difference(of_centre, centre, got.dcentre) < kDifference);
      }
    // Distances 5 and 10 of the reals, 13 of the fake: 7.5 - 13 + 4 sqrt(2) is above 0, without m below.
    const Vector f = {3, 4, 6, 8, 5, -12}, centre = {0, 0};
    CHECK(single_centre(f, std::vector{0, 0, 1}, centre, 0).loss == 7.5);
    CHECK(single_centre(f, std::vector{0, 0, 1}, centre, 4).loss == 2 + 4 * std::sqrt(2.0));
    CHECK(single_centre(f, std::vector{0, 0, 1}, centre, 0).df[4] == 0);
    CHECK(single_centre({0, 0}, std::vector{0}, centre, 0).df == Vector{0, 0});
  }

  TEST_CASE("reference consistency loss: gradients are central differences, for two views and three") {
    for (const int views : {2, 3})
      for (uint32_t index = 0; index < 4; ++index) {
        const Vector f = random_values(views * 3 * 5, index);
        const auto loss = [&](const Vector& x) { return consistency(x, 5, views).loss; };
        CHECK(worst_difference(loss, f, consistency(f, 5, views).gradient) < kDifference);
      }
    // Image 0 has the same direction twice, image 1 a right angle.
    CHECK(consistency({3, 0, 2, 0, 6, 0, 0, 5}, 2).loss == 0.5);
  }

  TEST_CASE("golden controls: the references are PyTorch's float64") {
    const golden::Json cases = golden::load("controls");
    REQUIRE(cases["single_centre"].size() == 3);
    for (const golden::Json& k : cases["single_centre"]) {
      const std::string name = k["name"];
      INFO(name);
      const SingleCentre got =
          single_centre(golden::values(name + "/f", 12 * 16), k["labels"].get<std::vector<int>>(),
                        golden::values(name + "/centre", 16), k["m"]);
      CHECK(std::abs(got.loss - k["loss"]["values"][0].get<double>()) < kTolerance);
      CHECK(furthest(got.df, k["df"]["values"]) < kTolerance);
      CHECK(furthest(got.dcentre, k["dcentre"]["values"]) < kTolerance);
    }
    REQUIRE(cases["consistency"].size() == 2);
    for (const golden::Json& k : cases["consistency"]) {
      const std::string name = k["name"];
      INFO(name);
      Vector f = golden::values(name + "/f", 12 * 16);
      const Vector change = golden::values(name + "/change", 6 * 16);
      for (size_t i = 0; i < change.size(); ++i)
        f[change.size() + i] = f[i] + k["apart"].get<double>() * change[i];
      const LossGradient got = consistency(f, 16);
      CHECK(std::abs(got.loss - k["loss"]["values"][0].get<double>()) < kTolerance);
      CHECK(furthest(got.gradient, k["df"]["values"]) < kTolerance);
    }
  }
}

}  // namespace rc::reference
