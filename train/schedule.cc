#include "train/schedule.h"

#include <cmath>
#include <numbers>

namespace rc {
namespace {

double rate_at(const ScheduleOptions& o, int64_t step) {
  const double warmup = o.warmup * double(o.steps);
  if (double(step) < warmup) return o.rate * double(step + 1) / (warmup + 1);
  const double progress = (double(step) - warmup) / std::max(1.0, double(o.steps) - 1 - warmup);
  if (o.shape == "cosine")
    return o.final_rate + (o.rate - o.final_rate) * 0.5 * (1 + std::cos(std::numbers::pi * progress));
  if (o.shape == "step") return o.rate * std::pow(0.1, std::floor(3 * double(step) / double(o.steps)));
  return o.rate;
}

}  // namespace

StepScalars scalars_at(const ScheduleOptions& o, int64_t step) {
  StepScalars s;
  s.rate = rate_at(o, step);
  const double done = double(step) / double(o.steps);
  if (done >= o.contrastive_start)
    s.contrastive_weight = o.contrastive_weight, s.cross_entropy_weight = 1 - o.contrastive_weight;
  s.hard_positives = o.hard_positives && done >= o.synthesis_start;
  s.hard_negatives = o.hard_negatives && done >= o.synthesis_start;
  return s;
}

}  // namespace rc
