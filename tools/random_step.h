// A step of training or inference on random pixels that are in memory, no loader: what is measured.
#pragma once

#include <memory>

#include "engine/program.h"
#include "train/traced_step.h"

namespace rc {

class RandomStep {
 public:
  virtual ~RandomStep() = default;
  // Once, its results read on the host. The stopwatch gets the marks of Program::run, as often as it runs.
  virtual void run(Stopwatch* = nullptr) = 0;
  virtual const Program& program() const = 0;
  virtual int64_t images() const = 0;  // that one run of the program takes
};

// Of `sampler.batch` images: a training step in each of its views, inference as many at a time as the device
// does best (Device::inference_batch). A training step is one of the middle of a run: every part of the
// objective takes part. The device must outlive it.
std::unique_ptr<RandomStep> random_step(Device&, const Config&, StepKind);

}  // namespace rc
