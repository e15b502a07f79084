// The objective's graph ops against the double-precision reference, over random configurations of all
// switches and several steps, so that centres and queue move.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "engine/rng.h"
#include "tests/model/objective_check.h"

namespace rc {
namespace {

constexpr uint32_t kConfigurations = 240;
constexpr int kSteps = 3;

struct Draw {
  Rng rng;
  template <class... T>
  auto of(T... options) {
    const std::vector list{options...};
    return list[rng.below(uint32_t(list.size()))];
  }
  bool coin(float p = .5f) { return rng.coin(p); }
  int between(int low, int high) { return low + int(rng.below(uint32_t(high - low + 1))); }
};

ObjectiveSetup random_setup(Draw& draw) {
  ObjectiveSetup s;
  const int64_t views = draw.of(1, 1, 2);
  s.batch = views * draw.between(int(3 - views), int(40 / views));
  s.dim = draw.of(3, 5, 8, 13, 24, 33, 64);
  KeyOptions& k = s.keys;
  k.centre_per_view = views > 1 && draw.coin();
  k.centres = k.centre_per_view ? views : draw.of(1, 1, 2, 3, 4);
  k.centre_keep = draw.of(.9f, .5f, 0.f, .99f);
  k.share = draw.of(0.f, .125f, .25f, .5f, 1.f);
  k.extrapolation = draw.of(Extrapolation::linear, Extrapolation::geodesic);
  k.positive_classes = draw.of(Classes::real, Classes::both);
  k.detach_positives = draw.coin(.3f), k.positives_anchor = draw.coin(.3f);
  k.hard_set = draw.of(HardSet::global, HardSet::anchor);
  k.hard_fakes = draw.of(1, 2, 3, 8);
  const bool owned = k.hard_set == HardSet::anchor;
  k.pairs = owned ? draw.of(0, 1, 3) : draw.of(0, 1, 4, 16), k.with_centre = draw.of(0, 1, owned ? 2 : 8);
  k.negative_classes = draw.of(Classes::real, Classes::both);
  k.detach_negatives = draw.coin(.3f);
  k.queue = draw.of(0, 0, 3, 16);
  k.seed = draw.rng.next();
  s.loss.form = draw.of(ContrastiveForm::joint, ContrastiveForm::separate);
  s.loss.margin = draw.of(Margin::cosine, Margin::arc);
  s.loss.m = draw.of(0.f, .1f, .2f, .35f, .5f);
  s.loss.temperature = draw.of(.05f, .07f, .1f, .2f, .5f);
  s.tuples = draw.coin();
  s.loss.tuple_weight = draw.of(1.f, .5f, 2.f), s.loss.tuple_factor = draw.of(1.f, .5f, 2.f, 3.f);
  return s;
}

ObjectiveStep random_step(Draw& draw, const ObjectiveSetup& s, int number) {
  ObjectiveStep step;
  step.number = number;
  const int n = int(s.batch);
  const int reals = std::min(n, draw.of(0, 1, 2, n / 2, n / 2, n - 1, n, draw.between(0, n)));
  for (int i = 0; i < n; ++i) step.label.push_back(i >= reals);
  for (int i = n; i > 1; --i) std::swap(step.label[size_t(i - 1)], step.label[draw.rng.below(uint32_t(i))]);
  for (int i = 0; i < n; ++i) step.tuple.push_back(draw.between(-1, n / 4));
  const float apart = draw.rng.uniform(0, 1.5f), size = draw.of(.01f, 1.f, 30.f);
  for (int i = 0; i < n; ++i)
    for (int d = 0; d < int(s.dim); ++d) {
      const float shift = d == 0 ? apart * (step.label[size_t(i)] ? -1.f : 1.f) : 0;
      step.v.push_back(size * (draw.rng.uniform(-1, 1) + shift));
    }
  step.weight = draw.of(1.f, .5f);
  step.positives = draw.coin(.85f), step.negatives = draw.coin(.85f);
  return step;
}

constexpr ContrastiveKernel kKernels[] = {ContrastiveKernel::materialised, ContrastiveKernel::fused};

// One configuration, with either kernel. Counts in `ties` the steps whose numbers could not be compared.
void check_configuration(uint32_t index, int& ties) {
  Draw draw{Rng(73, Purpose::test, index)};
  ObjectiveSetup setup = random_setup(draw);
  std::vector<ObjectiveRun> runs;
  for (const auto kernel : kKernels) {
    setup.loss.kernel = kernel;
    runs.emplace_back(setup);
  }
  for (int number = 0; number < kSteps; ++number) {
    const ObjectiveStep step = random_step(draw, setup, number);
    for (size_t k = 0; k < runs.size(); ++k) {
      const ObjectiveOutcome out = runs[k].run(step);
      const ReferenceStep expected = reference_step(setup, step, out);
      Problems problems;
      check_decisions(expected, setup, step, out, problems);
      ties += !check_numbers(expected, step, out, problems);
      if (problems.list.empty()) continue;
      FAIL_CHECK("RC_CONFIGURATION=" << index << " build/release/tests/run -tc='random objective*': "
                                     << (k == 0 ? "materialised" : "fused") << ", step " << number << ", "
                                     << problems.list[0] << " (" << problems.list.size() << ")");
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
