#include "kernels/math.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace rc {

// |got - want| in units in the last place of the float nearest to `want`.
static double ulps(float got, double want) {
  const float near = float(want);
  const float step = std::max(std::nextafter(std::fabs(near), INFINITY) - std::fabs(near), 1.4e-45f);
  return std::fabs(double(got) - want) / double(step);
}

TEST_SUITE("unit") {
  TEST_CASE("exp is within 2 ulp of the double function over its whole range") {
    double worst = 0;
    for (float x = -103.9f; x < 88.7f; x += 0.00137f)
      worst = std::max(worst, ulps(exp(x), std::exp(double(x))));
    CHECK(worst <= 2.0);
    CHECK(exp(0.0f) == 1.0f);
    CHECK(exp(88.9f) == INFINITY);
    CHECK(exp(INFINITY) == INFINITY);
    CHECK(exp(-INFINITY) == 0.0f);
    CHECK(exp(-1000.0f) == 0.0f);
    CHECK(exp(-95.0f) > 0.0f);  // subnormal
    CHECK(std::isnan(exp(NAN)));
  }

  TEST_CASE("sigmoid is within 3 ulp of the double function, and goes to 0 and 1") {
    double worst = 0;
    for (float x = -80; x < 80; x += 0.00137f)
      worst = std::max(worst, ulps(sigmoid(x), 1 / (1 + std::exp(-double(x)))));
    CHECK(worst <= 3.0);
    CHECK(sigmoid(0.0f) == 0.5f);
    CHECK(sigmoid(100.0f) == 1.0f);
    CHECK(sigmoid(-100.0f) <= 1e-38f);
    CHECK(sigmoid(-INFINITY) <= 1e-38f);
    CHECK(sigmoid(INFINITY) == 1.0f);
    CHECK(std::isnan(sigmoid(NAN)));
  }

  TEST_CASE("log is within 2 ulp of the double function over all magnitudes") {
    double worst = 0;
    for (uint32_t u = 1; u < 0x7f800000u; u += 20011) {
      const float x = float_of(u);
      worst = std::max(worst, ulps(log(x), std::log(double(x))));
    }
    for (float x = 0.5f; x < 2.0f; x += 1.1e-5f) worst = std::max(worst, ulps(log(x), std::log(double(x))));
    CHECK(worst <= 2.0);
    CHECK(log(1.0f) == 0.0f);
    CHECK(log(0.0f) == -INFINITY);
    CHECK(log(INFINITY) == INFINITY);
    CHECK(std::isnan(log(-1.0f)));
    CHECK(std::isnan(log(-INFINITY)));
    CHECK(std::isnan(log(NAN)));
  }

  TEST_CASE("finite tells numbers from infinities and NaN") {
    CHECK(finite(0.0f));
    CHECK(finite(-3.4e38f));
    CHECK(finite(1e-45f));
    CHECK_FALSE(finite(INFINITY));
    CHECK_FALSE(finite(-INFINITY));
    CHECK_FALSE(finite(NAN));
  }
}

}  // namespace rc
