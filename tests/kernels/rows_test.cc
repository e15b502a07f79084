#include "kernels/rows.h"

#include <doctest/doctest.h>

#include "kernels/pooling.h"
#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

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

}  // namespace

TEST_SUITE("host") {
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
    });
  }
}

}  // namespace rc
