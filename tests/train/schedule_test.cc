// What changes from step to step: rates by their formulas, and when the parts of the objective begin.
#include "train/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("schedule: parts begin at their share of the steps, and the objective counts its own steps") {
    const ScheduleOptions o{.steps = 10,
                            .objective_weight = 0.25,
                            .cross_entropy_weight = 0.75,
                            .objective_start = 0.3,
                            .hard_positive_start = 0.5,
                            .hard_negative_start = 0.75};
    for (int64_t step = 0; step < 10; ++step) {
      CAPTURE(step);
      const StepScalars s = scalars_at(o, step);
      CHECK(s.objective_weight == (step < 3 ? 0 : 0.25));
      CHECK(s.cross_entropy_weight == (step < 3 ? 1 : 0.75));
      CHECK(s.objective_step == (step < 3 ? 0 : step - 2));
      CHECK(s.hard_positives == (step >= 5));
      CHECK(s.hard_negatives == (step >= 8));
    }
  }

  TEST_CASE("schedule: the objective's steps count from its first one, whatever the share rounds to") {
    for (const int64_t steps : {1, 3, 7, 100, 700})
      for (const double start : {0.0, 0.1, 0.3, 1.0 / 3, 0.7}) {
        CAPTURE(steps);
        CAPTURE(start);
        int64_t expected = 0;
        for (int64_t step = 0; step < steps; ++step) {
          const StepScalars s = scalars_at({.steps = steps, .objective_start = start}, step);
          expected += s.objective_weight > 0;
          CHECK(s.objective_step == expected);
        }
      }
    CHECK(scalars_at({.objective_weight = 0, .objective_start = 0}, 0).objective_step == 0);
  }

  TEST_CASE("schedule: constant, cosine and step rates, with a linear warm-up") {
    CHECK(scalars_at({.steps = 9, .rate = 0.5}, 8).rate == 0.5);
    const ScheduleOptions cosine{
        .steps = 11, .rate = 1, .shape = "cosine", .warmup_steps = 1, .final_rate = 0.1};
    CHECK(scalars_at(cosine, 0).rate == 0.5);
    CHECK(scalars_at(cosine, 1).rate == 1);
    CHECK(scalars_at(cosine, 4).rate ==
          doctest::Approx(0.1 + 0.9 * (1 + std::cos(std::numbers::pi / 3)) / 2).epsilon(1e-15));
    CHECK(scalars_at(cosine, 10).rate == doctest::Approx(0.1).epsilon(1e-15));
    const ScheduleOptions decays{.steps = 9, .rate = 1, .shape = "step", .decay_steps = 4, .decay_rate = 0.5};
    CHECK(scalars_at(decays, 3).rate == 1);
    CHECK(scalars_at(decays, 4).rate == 0.5);
    CHECK(scalars_at(decays, 8).rate == 0.25);
  }
}

}  // namespace rc
