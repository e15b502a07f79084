// One training step after another: feeds a batch, queues the traced step, reads later what it said.
#pragma once

#include <deque>
#include <memory>

#include "data/loader.h"
#include "engine/program.h"
#include "model/detector.h"
#include "train/row.h"
#include "train/schedule.h"

namespace rc {

// What one step reports.
struct StepResult {
  double loss = 0;  // the weighted sum
  double cross_entropy = 0;
  double objective = 0;                              // the part beside it, unweighted
  double accuracy = 0;                               // of the batch, at 0.5
  double gradient_norm = 0;                          // before clipping
  double counted = 0, left_out = 0;                  // anchors with and without a positive
  double positive_cosine = 0, hardest_negative = 0;  // means over counted anchors
  double real_distance = 0, fake_distance = 0;       // mean 1 - z.c of each class
  Row embeddings;  // what those of the batch look like (diagnostics.h), where that was asked for
};

class Trainer {
 public:
  // Declares the variables; the caller allocates them, then calls prepare().
  Trainer(Device&, Variables&, const DetectorOptions&, const OptimizerOptions&, const Policy&, int64_t batch,
          int64_t size);
  void prepare() { program_->prepare(); }

  // Queues step number `step` (from 0) and what is to be read of it, and does not wait for it.
  // `diagnose`: the embeddings as well, if there are any. The stopwatch gets the marks of Program::run.
  void start(const Batch&, const StepScalars&, int64_t step, bool diagnose = false, Stopwatch* = nullptr);
  size_t started() const { return pending_.size(); }  // steps whose results were not read yet

  // The results of the oldest of these; waits for that step, not for those after it. Throws Error(numerical)
  // when its loss or gradient was not finite: that step left the weights as they were.
  StepResult finish();

  StepResult step(const Batch& batch, const StepScalars& scalars, int64_t step, Stopwatch* watch = nullptr) {
    start(batch, scalars, step, false, watch);
    return finish();
  }

  const Program& program() const { return *program_; }
  const Memory& arena() const { return program_->arena(); }  // free for other programs between steps

 private:
  // A step that is queued.
  struct Pending {
    int64_t step = 0;
    double cross_entropy_weight = 0, objective_weight = 0;
    std::vector<int32_t> label;
    std::vector<Tensor> read;  // in the order of the arrival
    std::unique_ptr<Arrival> arrival;
  };
  std::vector<Value> read_values(bool diagnose) const;

  Device& device_;
  Objective objective_;
  double margin_;
  TrainingStep values_;
  std::unique_ptr<Program> program_;
  std::deque<Pending> pending_;
};

}  // namespace rc
