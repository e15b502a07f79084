// The reference operations against hand-computed values and central differences (parity with PyTorch:
// tests/golden).
#include "tests/reference/ops.h"

#include <doctest/doctest.h>

#include <numeric>

#include "engine/rng.h"
#include "tests/reference/difference.h"

namespace rc::reference {
namespace {

Vector random(size_t n, uint32_t stream) {
  Rng rng(1, Purpose::test, stream);
  Vector x(n);
  for (double& v : x) v = rng.uniform(-1, 1);
  return x;
}

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Where f is linear or quadratic differences are exact but for rounding; elsewhere truncation is of order h^2
// = 1e-10.
constexpr double kTolerance = 1e-8;

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("reference conv2d: a value by hand, padding and stride") {
    const Vector x = {1, 2, 3, 4, 5, 6, 7, 8, 9}, ones(9, 1);
    CHECK(conv2d({1, 3, 3, 1, 1, 3, 3}, x, ones) == Vector{45});
    CHECK(conv2d({1, 3, 3, 1, 1, 3, 3, 2, 1}, x, ones) == Vector{12, 16, 24, 28});
    CHECK(conv2d({1, 1, 2, 2, 2, 1, 1, 1, 0, 2}, {1, 2, 3, 4}, {10, 100}) == Vector{10, 200, 30, 400});
  }

  TEST_CASE("reference conv2d: gradients are central differences") {
    for (const Conv& v : {Conv{2, 5, 4, 3, 4, 3, 2, 2, 1}, Conv{1, 4, 5, 4, 6, 3, 3, 1, 1, 2},
                          Conv{1, 5, 5, 2, 3, 1, 1, 2}}) {
      const Vector x = random(size_t(v.n) * v.h * v.w * v.c, 1),
                   w = random(size_t(v.k) * v.r * v.s * v.c / v.groups, 2);
      const Vector dy = random(conv2d(v, x, w).size(), 3);
      const auto of_x = [&](const Vector& at) { return dot(dy, conv2d(v, at, w)); };
      const auto of_w = [&](const Vector& at) { return dot(dy, conv2d(v, x, at)); };
      CHECK(worst_difference(of_x, x, conv2d_grad_data(v, dy, w)) < kTolerance);
      CHECK(worst_difference(of_w, w, conv2d_grad_weight(v, dy, x)) < kTolerance);
    }
  }

  TEST_CASE("reference batch norm: statistics and gradients") {
    Vector mean = {10, 20}, variance = {1, 1};
    const BatchNormResult by_hand = batch_norm({2}, {1, 5, 3, 5}, {1, 1}, {0, 7}, {}, mean, variance);
    CHECK(by_hand.mean == Vector{2, 5});
    CHECK(by_hand.variance == Vector{1, 0});
    CHECK(by_hand.y[2] == doctest::Approx(1 / std::sqrt(1 + 1e-5)).epsilon(1e-15));
    CHECK(by_hand.y[3] == 7);
    CHECK(mean[0] == doctest::Approx(9.2).epsilon(1e-15));
    CHECK(variance[0] == doctest::Approx(0.9 + 0.1 * 2).epsilon(1e-15));

    BatchNorm relu{3, true}, silu{3}, scaled{3, true};
    silu.silu = true, scaled.row_scale = {0, 2, 2, 0, 2, 2, 2};
    for (const BatchNorm& bn : {BatchNorm{3}, relu, silu, scaled}) {
      const Vector x = random(21, 1), gamma = random(3, 2), beta = random(3, 3), residual = random(21, 4),
                   dy = random(21, 5);
      const auto run = [&](const Vector& a, const Vector& b, const Vector& c, const Vector& d) {
        Vector m(3), v(3);
        return batch_norm(bn, a, b, c, d, m, v);
      };
      const BatchNormGrad g = batch_norm_grad(bn, dy, x, gamma, run(x, gamma, beta, residual));
      const auto of = [&](auto f) { return [&dy, f](const Vector& at) { return dot(dy, f(at).y); }; };
      CHECK(worst_difference(of([&](const Vector& at) { return run(at, gamma, beta, residual); }), x, g.dx) <
            kTolerance);
      CHECK(worst_difference(of([&](const Vector& at) { return run(x, at, beta, residual); }), gamma,
                             g.dgamma) < kTolerance);
      CHECK(worst_difference(of([&](const Vector& at) { return run(x, gamma, at, residual); }), beta,
                             g.dbeta) < kTolerance);
      CHECK(worst_difference(of([&](const Vector& at) { return run(x, gamma, beta, at); }), residual,
                             g.dresidual) < kTolerance);
    }
  }

  TEST_CASE("reference pools: the first of equal maxima takes the gradient; averages spread it") {
    const Vector flat(16, 1);
    const Vector dx = max_pool_grad(1, 4, 4, 1, {1, 2, 4, 8}, flat);
    CHECK(dx == Vector{1, 2, 0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK(max_pool(1, 1, 3, 1, {-3, -2, -1}) == Vector{-2, -1});  // padding is never the maximum

    const Vector x = random(2 * 5 * 4 * 3, 1), dy = random(2 * 3 * 2 * 3, 2);
    const auto pooled = [&](const Vector& at) { return dot(dy, max_pool(2, 5, 4, 3, at)); };
    CHECK(worst_difference(pooled, x, max_pool_grad(2, 5, 4, 3, dy, x)) < kTolerance);

    CHECK(average_pool(1, 2, 2, {1, 2, 3, 6}) == Vector{2, 4});
    CHECK(average_pool_grad(1, 2, 2, {2, 4}) == Vector{1, 2, 1, 2});
  }

  TEST_CASE("reference squeeze and excitation: a value by hand, and gradients are central differences") {
    // The mean 2 becomes silu(0) = 0 and then the gate sigmoid(ln 3) = 3/4.
    const Vector by_hand = squeeze_excite({1, 2, 1, 1}, {1, 3}, {1}, {-2}, {5}, {std::log(3.0)}).y;
    CHECK(by_hand[0] == doctest::Approx(0.75).epsilon(1e-15));
    CHECK(by_hand[1] == doctest::Approx(2.25).epsilon(1e-15));

    const SqueezeExcite se{2, 3, 4, 2};
    const Vector x = random(24, 1), w1 = random(8, 2), b1 = random(2, 3), w2 = random(8, 4),
                 b2 = random(4, 5), dy = random(24, 6);
    const auto g = squeeze_excite_grad(se, dy, x, w1, w2, squeeze_excite(se, x, w1, b1, w2, b2));
    const auto check = [&](auto f, const Vector& at, const Vector& gradient) {
      CHECK(worst_difference([&](const Vector& v) { return dot(dy, f(v).y); }, at, gradient) < kTolerance);
    };
    check([&](const Vector& v) { return squeeze_excite(se, v, w1, b1, w2, b2); }, x, g.dx);
    check([&](const Vector& v) { return squeeze_excite(se, x, v, b1, w2, b2); }, w1, g.dw1);
    check([&](const Vector& v) { return squeeze_excite(se, x, w1, v, w2, b2); }, b1, g.db1);
    check([&](const Vector& v) { return squeeze_excite(se, x, w1, b1, v, b2); }, w2, g.dw2);
    check([&](const Vector& v) { return squeeze_excite(se, x, w1, b1, w2, v); }, b2, g.db2);
  }

  TEST_CASE("reference linear, cross entropy, row normalisation: gradients are central differences") {
    const Vector x = random(6, 1), w = random(12, 2), b = random(4, 3), dy = random(8, 4);
    const LinearGrad g = linear_grad(2, 3, 4, dy, x, w);
    CHECK(worst_difference([&](const Vector& at) { return dot(dy, linear(2, 3, 4, at, w, b)); }, x, g.dx) <
          kTolerance);
    CHECK(worst_difference([&](const Vector& at) { return dot(dy, linear(2, 3, 4, x, at, b)); }, w, g.dw) <
          kTolerance);
    CHECK(worst_difference([&](const Vector& at) { return dot(dy, linear(2, 3, 4, x, w, at)); }, b, g.db) <
          kTolerance);

    const std::vector labels = {0, 2};
    const LossGradient ce = cross_entropy(3, x, labels);
    CHECK(worst_difference([&](const Vector& at) { return cross_entropy(3, at, labels).loss; }, x,
                           ce.gradient) < kTolerance);
    CHECK(cross_entropy(2, {1000, 0, 0, 1000}, std::vector{0, 0}).loss == 500);

    CHECK(l2_normalise(2, {3, 4}) == Vector{0.6, 0.8});
    const Vector dz = random(6, 5);
    CHECK(worst_difference([&](const Vector& at) { return dot(dz, l2_normalise(3, at)); }, x,
                           l2_normalise_grad(3, dz, x)) < kTolerance);
  }
}

}  // namespace rc::reference
