// The objective's graph ops against the double-precision reference, over random configurations of all
// switches and several steps, so that centres and queue move.
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/model/objective_check.h"
#include "tests/model/objective_draws.h"

namespace rc {
namespace {

constexpr uint32_t kConfigurations = 240;
constexpr int kSteps = 3;

constexpr ContrastiveKernel kKernels[] = {ContrastiveKernel::materialised, ContrastiveKernel::fused};

// One configuration, with either kernel. Counts in `ties` the steps whose numbers could not be compared.
void check_configuration(uint32_t index, int& ties) {
  ObjectiveDraws draw(index);
  ObjectiveSetup setup = draw.setup();
  std::vector<ObjectiveRun> runs;
  for (const auto kernel : kKernels) {
    setup.loss.kernel = kernel;
    runs.emplace_back(setup);
  }
  for (int number = 0; number < kSteps; ++number) {
    const ObjectiveStep step = draw.step(setup, number);
    for (size_t k = 0; k < runs.size(); ++k) {
      const ObjectiveOutcome out = runs[k].run(step);
      const ReferenceStep expected = reference_step(setup, step, out);
      Problems problems;
      check_decisions(expected, setup, step, out, problems);
      ties += !check_numbers(expected, step, out, problems);
      if (problems.list.empty()) continue;
      FAIL_CHECK("RC_CONFIGURATION=" << index << " build/release/tests/run -tc='random objective*': "
                                     << std::string(k == 0 ? "materialised" : "fused") << ", step " << number
                                     << ", " << problems.list[0] << " (" << problems.list.size() << ")");
      return;
    }
  }
}

}  // namespace

TEST_SUITE("host") {
  // RC_CONFIGURATION=17 runs one configuration alone.
  TEST_CASE("random objective: ops equal the reference in all switches, decisions and numbers") {
    int ties = 0;
    if (const char* only = std::getenv("RC_CONFIGURATION")) {
      check_configuration(uint32_t(std::atoi(only)), ties);
      return;
    }
    for (uint32_t index = 0; index < kConfigurations; ++index) check_configuration(index, ties);
    CHECK(ties < int(kConfigurations) * kSteps / 50);  // most can be compared
  }
}

}  // namespace rc
