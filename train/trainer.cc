#include "train/trainer.h"

#include <array>
#include <cmath>

#include "engine/arrived_values.h"
#include "kernels/contrastive.h"
#include "kernels/optimizer.h"
#include "kernels/scalars.h"
#include "train/diagnostics.h"

namespace rc {

Trainer::Trainer(Device& device, Variables& variables, const DetectorOptions& detector,
                 const OptimizerOptions& optimizer, const Policy& policy, int64_t batch, int64_t size)
    : device_(device), objective_(detector.objective), margin_(double(detector.loss.m)) {
  auto graph = std::make_unique<Graph>(device, variables, policy, true);
  values_ = trace_training(*graph, detector, optimizer, batch, size);
  program_ = std::make_unique<Program>(std::move(graph));
}

// What a step's results are made of, in this order; the last two for diagnostics alone.
std::vector<Value> Trainer::read_values(bool diagnose) const {
  std::vector<Value> v = {values_.gradient_facts, values_.cross_entropy, values_.probabilities};
  if (values_.objective) v.push_back(values_.objective);
  if (objective_ != Objective::real_centric) return v;
  v.push_back(values_.keys.distance);
  if (diagnose) v.push_back(values_.keys.keys), v.push_back(values_.keys.rows);
  return v;
}

void Trainer::start(const Batch& batch, const StepScalars& s, int64_t step, bool diagnose, Stopwatch* watch) {
  check(int64_t(batch.pixels.size()) == values_.pixels.shape().numel(),
        "a batch has the size that the step was traced for");
  float scalars[kScalars] = {};
  scalars[kLearningRate] = float(s.rate);
  scalars[kStep] = float(step + 1);
  scalars[kObjectiveStep] = float(s.objective_step);
  scalars[kCrossEntropyWeight] = float(s.cross_entropy_weight);
  scalars[kObjectiveWeight] = float(s.objective_weight);
  scalars[kHardPositives] = float(s.hard_positives);
  scalars[kHardNegatives] = float(s.hard_negatives);
  const auto number = int32_t(step);

  const auto input = [&](Value v, const void* data) {
    return Transfer{program_->tensor(v).data, data, v.desc().bytes()};
  };
  device_.feed(std::array{input(values_.pixels, batch.pixels.data()), input(values_.flip, batch.flip.data()),
                          input(values_.label, batch.label.data()), input(values_.tuple, batch.tuple.data()),
                          input(values_.scalars, scalars), input(values_.step, &number)});
  program_->run(watch);

  Pending pending{
      step, double(scalars[kCrossEntropyWeight]), double(scalars[kObjectiveWeight]), batch.label, {}, {}};
  for (const Value v : read_values(diagnose)) pending.read.push_back(program_->tensor(v));
  pending.arrival = device_.fetch(pending.read);
  pending_.push_back(std::move(pending));
}

StepResult Trainer::finish() {
  const Pending pending = std::move(pending_.front());
  pending_.pop_front();
  ArrivedValues values(*pending.arrival, pending.read);

  StepResult r;
  const std::vector<int32_t>& label = pending.label;
  const std::span<const float> facts = values.next<float>();
  r.gradient_norm = double(facts[kNorm]);
  r.cross_entropy = double(values.next<float>()[0]);
  r.loss = pending.cross_entropy_weight * r.cross_entropy;
  const std::span<const float> p = values.next<float>();
  for (size_t i = 0; i < label.size(); ++i)
    r.accuracy += ((p[2 * i + 1] > 0.5f) == (label[i] == 1)) / double(label.size());
  if (values_.objective) {
    const std::span<const float> c = values.next<float>();
    r.objective = double(c[0]);
    r.loss += pending.objective_weight * r.objective;
    if (objective_ == Objective::real_centric) {
      r.counted = double(c[kCountedAnchors]), r.left_out = double(c[kLeftOutAnchors]);
      r.positive_cosine = double(c[kPositiveCosine]), r.hardest_negative = double(c[kHardestNegative]);
      const std::span<const float> distance = values.next<float>();
      double count[2] = {}, sum[2] = {};
      for (size_t i = 0; i < distance.size(); ++i)
        count[label[i] == 1] += 1, sum[label[i] == 1] += double(distance[i]);
      r.real_distance = sum[0] / std::max(1.0, count[0]), r.fake_distance = sum[1] / std::max(1.0, count[1]);
      if (values.more()) {
        const std::span<const float> keys = values.next<float>();
        const std::span<const int32_t> rows = values.next<int32_t>();
        const ContrastiveKeys& k = values_.keys;
        r.embeddings = diagnose({k.keys.shape()[1], label, keys, rows, distance, k.positives, margin_});
      }
    }
  }

  const std::string where = "step " + std::to_string(pending.step);
  if (!std::isfinite(r.loss))
    throw Error(Exit::numerical,
                std::string("the loss is not finite (cross-entropy ") + std::to_string(r.cross_entropy) +
                    ", the objective beside it " + std::to_string(r.objective) + ")",
                where, "a lower learning rate, or gradient clipping, is the usual cure");
  if (facts[kSkip] != 0)
    throw Error(Exit::numerical,
                std::to_string(int64_t(facts[kNonFinite])) + " gradient elements are not finite", where,
                "a lower learning rate, or gradient clipping, is the usual cure");
  return r;
}

}  // namespace rc
