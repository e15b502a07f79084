#include "train/schedule.h"

#include <cmath>
#include <numbers>

namespace rc {
namespace {

double rate_at(const ScheduleOptions& o, int64_t step) {
  if (double(step) < o.warmup_steps) return o.rate * double(step + 1) / (o.warmup_steps + 1);
  if (o.shape == "step") return o.rate * std::pow(o.decay_rate, std::floor(double(step) / o.decay_steps));
  if (o.shape != "cosine") return o.rate;
  const double progress =
      (double(step) - o.warmup_steps) / std::max(1.0, double(o.steps) - 1 - o.warmup_steps);
  return o.final_rate + (o.rate - o.final_rate) * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

// The first step of a part that begins after that share of the steps.
int64_t first_step(double share, int64_t steps) {
  auto step = int64_t(share * double(steps));
  while (double(step) / double(steps) < share) ++step;
  return step;
}

}  // namespace

StepScalars scalars_at(const ScheduleOptions& o, int64_t step) {
  StepScalars s;
  s.rate = rate_at(o, step);
  const double done = double(step) / double(o.steps);
  if (done >= o.objective_start) {
    s.objective_weight = o.objective_weight, s.cross_entropy_weight = o.cross_entropy_weight;
    if (o.objective_weight > 0) s.objective_step = step - first_step(o.objective_start, o.steps) + 1;
  }
  s.hard_positives = done >= o.hard_positive_start;
  s.hard_negatives = done >= o.hard_negative_start;
  return s;
}

}  // namespace rc
