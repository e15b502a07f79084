#include "tests/model/objective_run.h"

#include <array>

#include "kernels/queue.h"
#include "kernels/scalars.h"
#include "model/ops/add.h"

namespace rc {
namespace {

template <class T>
std::vector<T> read(const Tensor& t) {
  const T* p = t.as<T>();
  return {p, p + t.shape.numel()};
}

}  // namespace

ObjectiveRun::ObjectiveRun(const ObjectiveSetup& s, int threads) : device_(open_device("cpu", threads)) {
  auto graph = std::make_unique<Graph>(*device_, *variables_, Policy{}, true);
  label_ = graph->input({DType::i32, {s.batch}}), scalars_ = graph->input({DType::f32, {kScalars}}),
  step_ = graph->input({DType::i32, {1}});
  if (s.tuples) tuple_ = graph->input({DType::i32, {s.batch}});
  const int64_t centres = s.keys.centres;
  const Value v = graph->variable(variables_->parameter("v", {s.batch, s.dim}, {}));
  const Value centre = graph->variable(variables_->buffer("centre", {DType::f32, {centres, s.dim}}));
  const Value started = graph->variable(variables_->buffer("started", {DType::i32, {centres}}));
  keys_ = contrastive_keys(v, label_, centre, started, scalars_, step_, s.keys);
  result_ = contrastive_loss(keys_, label_, tuple_, scalars_, s.loss);
  for (const Value kept : {result_, keys_.keys, keys_.rows, keys_.weight, keys_.distance}) graph->keep(kept);
  if (keys_.owner) graph->keep(keys_.owner);
  graph->backward(std::array{result_}, add);
  program_ = std::make_unique<Program>(std::move(graph));
  variables_->allocate(*device_);
  program_->prepare();
}

ObjectiveState ObjectiveRun::state() const {
  ObjectiveState s;
  s.centre = read<float>(variables_->tensor(*variables_->find("centre")));
  s.started = read<int32_t>(variables_->tensor(*variables_->find("started")));
  if (const Variable* queue = variables_->find("queue.fake")) {
    s.queue = read<float>(variables_->tensor(*queue));
    const auto places = read<int32_t>(variables_->tensor(*variables_->find("queue.state")));
    s.queue_next = places[kQueueNext], s.queued = places[kQueueCount];
  }
  return s;
}

ObjectiveOutcome ObjectiveRun::run(const ObjectiveStep& step) {
  float s[kScalars] = {};
  s[kObjectiveWeight] = step.weight;
  s[kHardPositives] = float(step.positives), s[kHardNegatives] = float(step.negatives);
  const auto upload = [&](const Tensor& to, const void* from, size_t bytes) {
    device_->upload(to.data, from, bytes);
  };
  const Variable& v = *variables_->find("v");
  upload(variables_->tensor(v), step.v.data(), step.v.size() * sizeof(float));
  upload(program_->tensor(label_), step.label.data(), label_.desc().bytes());
  if (tuple_) upload(program_->tensor(tuple_), step.tuple.data(), tuple_.desc().bytes());
  upload(program_->tensor(scalars_), s, sizeof s);
  upload(program_->tensor(step_), &step.number, sizeof step.number);

  ObjectiveOutcome out;
  out.before = state();
  program_->run();
  out.after = state();
  out.result = read<float>(program_->tensor(result_));
  out.dv = read<float>(variables_->gradient(v));
  out.keys = read<float>(program_->tensor(keys_.keys));
  out.rows = read<int32_t>(program_->tensor(keys_.rows));
  if (keys_.owner) out.owner = read<int32_t>(program_->tensor(keys_.owner));
  out.weight = read<float>(program_->tensor(keys_.weight));
  out.distance = read<float>(program_->tensor(keys_.distance));
  out.positives = keys_.positives;
  return out;
}

}  // namespace rc
