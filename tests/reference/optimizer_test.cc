// The reference updates by hand for one or two steps (parity over many steps with PyTorch: tests/golden).
#include "tests/reference/optimizer.h"

#include <doctest/doctest.h>

#include <cmath>

namespace rc::reference {

TEST_SUITE("host") {
  TEST_CASE("reference SGD: momentum and weight decay by hand") {
    Vector w = {2}, buffer = {0};
    const Sgd o{.lr = 0.5, .momentum = 0.5, .weight_decay = 0.25};
    sgd(o, w, {1}, buffer);
    CHECK(buffer[0] == 1.5);
    CHECK(w[0] == 1.25);
    sgd(o, w, {0}, buffer);
    CHECK(w[0] == 1.25 - 0.5 * (0.75 + 0.25 * 1.25));
  }

  TEST_CASE("reference Adam: the first step has length lr; decay is coupled or not") {
    Vector w = {2, -2}, m(2), v(2);
    adam({.lr = 0.1}, 1, w, {3, -1e-3}, m, v);
    CHECK(w[0] == doctest::Approx(1.9).epsilon(1e-8));
    CHECK(w[1] == doctest::Approx(-1.9).epsilon(1e-5));  // eps is 1e-5 of this gradient

    Vector coupled = {2}, decoupled = {2}, m1(1), v1(1), m2(1), v2(1);
    adam({.lr = 0.1, .weight_decay = 0.5}, 1, coupled, {0}, m1, v1);
    adam({.lr = 0.1, .weight_decay = 0.5, .decoupled = true}, 1, decoupled, {0}, m2, v2);
    CHECK(coupled[0] == doctest::Approx(1.9).epsilon(1e-8));     // the decay is the gradient
    CHECK(decoupled[0] == doctest::Approx(1.9).epsilon(1e-15));  // 2 (1 - 0.1 0.5)
    CHECK(m2[0] == 0);
  }

  TEST_CASE("reference clipping and average") {
    std::vector<Vector> g = {{3}, {4}};
    CHECK(clip_gradient_norm(g, 10) == 5);
    CHECK(g[0] == Vector{3});
    CHECK(clip_gradient_norm(g, 1) == 5);
    CHECK(std::hypot(g[0][0], g[1][0]) == doctest::Approx(5 / (5 + 1e-6)).epsilon(1e-15));

    Vector average = {1};
    ema(0.75, average, {5});
    CHECK(average[0] == 2);
  }
}

}  // namespace rc::reference
