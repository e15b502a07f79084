#include "train/trainer.h"

#include <cmath>

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

template <class T>
std::vector<T> Trainer::read(Value v) const {
  std::vector<T> out(size_t(v.shape().numel()));
  device_.download(out.data(), program_->tensor(v).data, v.desc().bytes());
  return out;
}

Row Trainer::diagnostics(const Batch& batch) const {
  if (objective_ != Objective::real_centric) return {};
  const ContrastiveKeys& k = values_.keys;
  const std::vector<float> keys = read<float>(k.keys), distance = read<float>(k.distance);
  const std::vector<int32_t> rows = read<int32_t>(k.rows);
  return diagnose({k.keys.shape()[1], batch.label, keys, rows, distance, k.positives, margin_});
}

StepResult Trainer::step(const Batch& batch, const StepScalars& s, int64_t step, Trace* trace) {
  const auto upload = [&](Value v, const void* data) {
    device_.upload(program_->tensor(v).data, data, v.desc().bytes());
  };
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
  upload(values_.pixels, batch.pixels.data());
  upload(values_.flip, batch.flip.data());
  upload(values_.label, batch.label.data());
  upload(values_.tuple, batch.tuple.data());
  upload(values_.scalars, scalars);
  upload(values_.step, &number);
  program_->run(trace);

  StepResult r;
  r.cross_entropy = double(read<float>(values_.cross_entropy)[0]);
  r.loss = double(scalars[kCrossEntropyWeight]) * r.cross_entropy;
  const std::vector<float> p = read<float>(values_.probabilities);
  for (size_t i = 0; i < batch.label.size(); ++i)
    r.accuracy += ((p[2 * i + 1] > 0.5f) == (batch.label[i] == 1)) / double(batch.label.size());
  if (values_.objective) {
    r.objective = double(read<float>(values_.objective)[0]);
    r.loss += double(scalars[kObjectiveWeight]) * r.objective;
  }
  if (objective_ == Objective::real_centric) {
    const std::vector<float> c = read<float>(values_.objective),
                             distance = read<float>(values_.keys.distance);
    r.counted = double(c[kCountedAnchors]), r.left_out = double(c[kLeftOutAnchors]);
    r.positive_cosine = double(c[kPositiveCosine]), r.hardest_negative = double(c[kHardestNegative]);
    double count[2] = {}, sum[2] = {};
    for (size_t i = 0; i < distance.size(); ++i)
      count[batch.label[i] == 1] += 1, sum[batch.label[i] == 1] += double(distance[i]);
    r.real_distance = sum[0] / std::max(1.0, count[0]), r.fake_distance = sum[1] / std::max(1.0, count[1]);
  }
  const std::vector<float> facts = read<float>(values_.gradient_facts);
  r.gradient_norm = double(facts[kNorm]);
  const std::string where = "step " + std::to_string(step);
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
