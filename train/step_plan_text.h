// A plan for people: tables of layers, ops, time and memory, and GPUs side by side.
#pragma once

#include <string>
#include <vector>

#include "train/step_plan.h"

namespace rc {

// A line a layer: its time, what bounds it, and the engines of its convolution in three directions.
std::string layer_table(const StepPlan&);
std::string op_table(const StepPlan&);  // a line an op

// Which kinds of op the time goes to, with bars, and which phases.
std::string time_table(const StepPlan&);
// What the memory is taken by: over all steps, and of the arena at its peak.
std::string memory_table(const StepPlan&);

// A plan, where it is from, and what its GPU has room for.
struct PlannedGpu {
  StepPlan plan;
  std::string source;   // of the GPU's facts
  std::string planner;  // the device that made the plans
  size_t available = 0;
  int64_t largest_batch = 0;  // images per view; 0: none fits
  std::string recompute;      // what is computed again, empty where nothing is
};
std::string summary(const PlannedGpu&, int views);             // what fits and how fast it could be
std::string comparison_table(const std::vector<PlannedGpu>&);  // a column a GPU

std::string gpu_text(const Gpu&);  // what it can do at its peak, in a line
extern const char* const kWhatAnEstimateIs;

}  // namespace rc
