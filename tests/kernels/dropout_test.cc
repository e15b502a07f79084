#include "kernels/dropout.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/rng.h"
#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

constexpr uint64_t kSeed = 0x123456789abcdefull;

// Element i's draw is the (i % 4)-th of stream i / 4.
std::vector<float> expected(const std::vector<float>& x, uint32_t step, float rate) {
  std::vector<float> out;
  for (size_t i = 0; i < x.size(); i += 4) {
    Rng rng(kSeed, Purpose::dropout, step, uint32_t(i / 4));
    for (size_t j = i; j < std::min(i + 4, x.size()); ++j)
      out.push_back(rng.coin(rate) ? 0 : x[j] * (1 / (1 - rate)));
  }
  return out;
}

void check_dropout(const Launcher& run, int64_t n, float rate, bool in_place) {
  const auto x = floats(integers(n, -9, 9, 1));
  const std::vector<uint32_t> step = {7};
  std::vector<float> out(x);
  run(Dropout{in_place ? out.data() : x.data(), step.data(), out.data(), n, rate, kSeed});
  CHECK(out == expected(x, 7, rate));
  run(Dropout{nullptr, step.data(), out.data(), n, rate, kSeed});
  CHECK(out == expected(std::vector<float>(x.size(), 1), 7, rate));
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("dropout draws element by element from counter-based streams") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t n : {1, 2, 4, 7, 1000, 5003})
        for (const float rate : {0.0f, 0.2f, 0.5f}) check_dropout(run, n, rate, n % 2 == 0);
    });
  }

  // 2e5 draws: five standard deviations of their share are 0.0045.
  TEST_CASE("dropout keeps the share and the mean that it says, and other elements in another step") {
    const std::vector<uint32_t> steps = {1, 2};
    std::vector<float> first(200000), second(200000);
    const Launcher run{Target::v3};
    run(Dropout{nullptr, &steps[0], first.data(), 200000, 0.2f, kSeed});
    run(Dropout{nullptr, &steps[1], second.data(), 200000, 0.2f, kSeed});
    double kept = 0, both = 0;
    for (size_t i = 0; i < first.size(); ++i) kept += first[i] > 0, both += first[i] > 0 && second[i] > 0;
    CHECK(std::abs(kept / 200000 - 0.8) < 0.0045);
    CHECK(std::abs(both / 200000 - 0.64) < 0.0054);
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("dropout draws the same for any number and order of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_dropout(run, 1027, 0.3f, true);
    });
  }
}

}  // namespace rc
