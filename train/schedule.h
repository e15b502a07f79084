// What changes from step to step: the learning rate, and when the parts of the objective start.
#pragma once

#include <cstdint>
#include <string>

namespace rc {

struct ScheduleOptions {
  int64_t steps = 1;  // of the whole run
  double rate = 2e-4;
  std::string shape = "const";  // const | cosine | step
  double warmup_steps = 0;      // the rate rises linearly from 0 to `rate`
  double final_rate = 0;        // cosine: of the last step
  double decay_steps = 1;       // step: every so many steps the rate ...
  double decay_rate = 0.1;      // ... is multiplied by this
  // Weights once the part beside cross-entropy is on, and the share of the steps before that.
  double objective_weight = 0.5, cross_entropy_weight = 0.5;
  double objective_start = 0.1;
  // Share of the steps before hard positives and hard negatives join.
  double hard_positive_start = 0.2, hard_negative_start = 0.2;
};

struct StepScalars {
  double rate = 0;
  double cross_entropy_weight = 1, objective_weight = 0;
  int64_t objective_step = 0;  // steps with an objective weight so far, this one included
  bool hard_positives = false, hard_negatives = false;
};

// Of step 0 .. steps - 1.
StepScalars scalars_at(const ScheduleOptions&, int64_t step);

}  // namespace rc
