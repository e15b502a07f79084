#include "kernels/rows.h"

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>

#include "kernels/pooling.h"
#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

template <class T>
void check_bias(const Launcher& run, int64_t rows, int64_t columns, bool relu, bool in_place) {
  const auto x = integers(rows * columns, -4, 4, 1), bias = integers(columns, -4, 4, 2);
  std::vector<double> want(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    want[i] = x[i] + bias[i % size_t(columns)];
    if (relu) want[i] = std::max(want[i], 0.0);
  }
  const Channels shape{1, rows, columns, columns};
  const auto fx = stored<T>(x, shape);
  const auto fbias = floats(bias);
  std::vector<T> out(fx);
  run(AddBias<T>{in_place ? out.data() : fx.data(), fbias.data(), out.data(), rows, columns,
                 relu ? Activation::relu : Activation::none});
  CHECK(nhwc(out, shape) == want);

  std::vector<double> sums(size_t(columns), 0.0);
  for (size_t i = 0; i < x.size(); ++i) sums[i % size_t(columns)] += x[i];
  std::vector<float> got(sums.size());
  run(SumPixels<T>{fx.data(), got.data(), shape, 1.0f});
  CHECK(std::vector<double>(got.begin(), got.end()) == sums);
}

// |z| <= 8. The sum is one rounding, which the functions do not grow by more than their slope, at most 1.1;
// exp is off by 2 units, the quotient and its sum by half a unit each, a product more for SiLU; the
// derivatives have five such roundings more of values up to 1.1 |dy|.
void check_curves(const Launcher& run, int64_t rows, int64_t columns, Activation activation, bool in_place) {
  const auto x = reals(rows * columns, -6, 6, 3), bias = reals(columns, -2, 2, 4),
             dy = reals(rows * columns, -1, 1, 5);
  std::vector<double> y(x.size()), dx(x.size()), y_bound(x.size()), dx_bound(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double z = x[i] + bias[i % size_t(columns)], s = 1 / (1 + std::exp(-z));
    const bool silu = activation == Activation::silu;
    y[i] = silu ? reference::silu(z) : s;
    dx[i] = dy[i] * (silu ? reference::silu_slope(z) : s * (1 - s));
    y_bound[i] = (8 * 1.1 + 5 * std::abs(y[i])) * double(FLT_EPSILON);
    dx_bound[i] = (8 * 1.1 + 10 * 1.1) * double(FLT_EPSILON);
  }
  const auto fx = floats(x), fbias = floats(bias), fdy = floats(dy);
  std::vector<float> out(fx), back(fdy);
  run(AddBias<float>{in_place ? out.data() : fx.data(), fbias.data(), out.data(), rows, columns, activation});
  run(AddBiasBackward{fx.data(), in_place ? back.data() : fdy.data(), fbias.data(), back.data(), rows,
                      columns, activation});
  CHECK(worst_share({out.begin(), out.end()}, y, y_bound) <= 1);
  CHECK(worst_share({back.begin(), back.end()}, dx, dx_bound) <= 1);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("bias with SiLU or the logistic function, and their gradients, stay within rounding") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const Activation activation : {Activation::silu, Activation::sigmoid})
        for (const int64_t columns : {1, 16, 37})
          for (const bool in_place : {false, true}) check_curves(run, 20, columns, activation, in_place);
    });
  }

  TEST_CASE("bias and its gradient, the column sums, are exact") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t columns : {1, 2, 16, 37, 128})
        for (const int64_t rows : {1, 5, 300}) {
          check_bias<float>(run, rows, columns, true, true);
          check_bias<float>(run, rows, columns, false, false);
          check_bias<Bf16>(run, rows, columns, true, false);
        }
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("bias is added by any number of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_bias<float>(run, 5, 37, true, true);
      check_curves(run, 5, 37, Activation::silu, true);
      check_curves(run, 5, 37, Activation::sigmoid, true);
    });
  }
}

}  // namespace rc
