#include "kernels/fold.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

template <class T>
void check_fold(const Launcher& run, int64_t filters, int64_t size) {
  const auto w = floats(integers(filters * size, -9, 9, 1)), gamma = floats(integers(filters, -4, 4, 2)),
             beta = floats(integers(filters, -4, 4, 3)), mean = floats(integers(filters, -4, 4, 4)),
             var = floats(integers(filters, 0, 4, 5));
  const float eps = 1e-5f;
  std::vector<T> folded(w.size(), T(1000.0f));
  std::vector<float> bias(size_t(filters), 1000.0f);
  run(FoldNorm<T>{w.data(), gamma.data(), beta.data(), mean.data(), var.data(), folded.data(), bias.data(),
                  filters, size, eps});
  // The scale is rounded to float, the product again, and to T: half a unit each. The bias is rounded once;
  // what double adds is far below.
  const double rounding = 0x1p-23 + (sizeof(T) == 2 ? 0x1p-8 : 0);
  for (size_t k = 0; k < size_t(filters); ++k) {
    const double scale = double(gamma[k]) / std::sqrt(double(var[k]) + double(eps));
    const double shift = double(beta[k]) - double(mean[k]) * scale;
    CHECK(std::abs(double(bias[k]) - shift) <= 0x1p-23 * std::abs(shift));
    for (size_t i = k * size_t(size); i < (k + 1) * size_t(size); ++i) {
      const double want = double(w[i]) * scale;
      CHECK(std::abs(double(float(folded[i])) - want) <= rounding * std::abs(want));
    }
  }
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("a norm is folded into filter and bias within the rounding of what is stored") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t filters : {1, 5, 16})
        for (const int64_t size : {1, 9, 72}) {
          check_fold<float>(run, filters, size);
          check_fold<Bf16>(run, filters, size);
        }
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("a norm is folded by any number of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_fold<float>(run, 3, 37);
    });
  }
}

}  // namespace rc
