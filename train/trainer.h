// One training step after another: uploads a batch, runs the traced step, reads what it says.
#pragma once

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
};

class Trainer {
 public:
  // Declares the variables; the caller allocates them, then calls prepare().
  Trainer(Device&, Variables&, const DetectorOptions&, const OptimizerOptions&, const Policy&, int64_t batch,
          int64_t size);
  void prepare() { program_->prepare(); }

  // Runs step number `step` (from 0). Throws Error(numerical) when the loss or the gradient is not finite;
  // the weights are then as before the step.
  StepResult step(const Batch&, const StepScalars&, int64_t step, Trace* trace = nullptr);

  // What the embeddings of the last step's batch look like (diagnostics.h); empty unless real-centric.
  Row diagnostics(const Batch&) const;

  const Program& program() const { return *program_; }
  const Memory& arena() const { return program_->arena(); }  // free for other programs between steps

 private:
  template <class T>
  std::vector<T> read(Value) const;

  Device& device_;
  Objective objective_;
  double margin_;
  TrainingStep values_;
  std::unique_ptr<Program> program_;
};

}  // namespace rc
