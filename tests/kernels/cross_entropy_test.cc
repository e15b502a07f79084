#include "kernels/cross_entropy.h"

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

constexpr double kEps = FLT_EPSILON / 2;

// exp is within 2 ulp, a sum of `classes` terms within that many roundings more, log within 2 ulp:
// probabilities within 5 + classes roundings of 1, a loss within that and the rounding of its logits (|x| <=
// 8).
void check_loss(const Launcher& run, int64_t rows, int64_t classes, float scale) {
  const auto x = reals(rows * classes, -8, 8, 1);
  std::vector<int> labels(static_cast<size_t>(rows));
  Rng rng(9, Purpose::test);
  for (int& label : labels) label = int(rng.below(uint32_t(classes)));
  const auto want = reference::cross_entropy(int(classes), x, labels);

  const auto fx = floats(x);
  std::vector<float> loss(labels.size()), p(fx.size()), mean(1), weight{scale};
  run(CrossEntropy{fx.data(), labels.data(), loss.data(), p.data(), rows, classes});
  run(Mean{loss.data(), mean.data(), rows});
  const double roundings = double(classes) + 8;
  CHECK(std::abs(double(mean[0]) - want.loss) <= (roundings + 3 * 16) * kEps);
  for (int64_t i = 0; i < rows; ++i) {
    double total = 0;
    for (int64_t c = 0; c < classes; ++c) total += double(p[size_t(i * classes + c)]);
    CHECK(std::abs(total - 1) <= roundings * 2 * kEps);
  }
  run(CrossEntropyBackward{p.data(), labels.data(), scale == 1 ? nullptr : weight.data(), p.data(), rows,
                           classes});
  for (size_t i = 0; i < p.size(); ++i)
    CHECK(std::abs(double(p[i]) / double(scale) - want.gradient[i]) <=
          (roundings + 16) * 2 * kEps / double(rows));
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("cross-entropy and its gradient agree with the reference") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t rows : {1, 7, 64, 65, 300})
        for (const int64_t classes : {1, 2, 3, 33}) {
          check_loss(run, rows, classes, 1.0f);
          check_loss(run, rows, classes, 0.25f);
        }
    });
  }

  TEST_CASE("cross-entropy holds for huge logits, and a label outside gives NaN") {
    const std::vector<float> x{1e4f, -1e4f, 1e4f, -1e4f, 0, 0};
    const std::vector<int32_t> labels{0, 1, 2};
    std::vector<float> loss(3), p(6);
    Launcher{Target::v3}(CrossEntropy{x.data(), labels.data(), loss.data(), p.data(), 3, 2});
    CHECK(loss[0] == 0);
    CHECK(loss[1] == 2e4f);
    CHECK(std::isnan(loss[2]));
    CHECK(p[0] == 1);
    CHECK(p[1] == 0);
    CHECK(p[4] == 0.5f);
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("cross-entropy is the same for any number of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_loss(run, 70, 3, 0.5f);
    });
  }
}

}  // namespace rc
