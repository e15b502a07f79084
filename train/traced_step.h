// The step of a configuration, traced and planned but without memory: what plans and reports are made from.
#pragma once

#include <memory>

#include "train/config.h"
#include "train/step_memory.h"

namespace rc {

enum class StepKind : uint8_t { training, inference };

struct TracedStep {
  std::unique_ptr<Variables> variables;
  std::unique_ptr<Program> program;
  int64_t images = 0;  // that one run takes

  size_t bytes() const { return memory_of(*program).total(); }
};

// A training step takes `sampler.batch` images in each of its views, inference as many of so many as the
// device does at a time. The device makes the plans and must outlive the step. Throws Error(device) where it
// has no plan for an op.
TracedStep trace_step(Device&, const Config&, StepKind);

}  // namespace rc
