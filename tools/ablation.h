// An ablation from its plan to its tables: runs that are missing are trained and measured, each in a process
// of its own, and the tables are written anew after every one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/ablation_plan.h"

namespace rc {

struct AblationRequest {
  std::filesystem::path folder;
  ConfigSources base;
  std::vector<const AblationCell*> cells;  // the baseline among them
  std::string baseline;                    // id
  std::vector<uint64_t> seeds;
  AblationEvaluation evaluation;
};

// Returns 0, or 128 + the signal that stopped it; prints the tables either way. Throws Error before any work
// for a request that cannot be met, and at the end, with the exit code of the first, where runs failed.
int run_ablation(const AblationRequest&);

}  // namespace rc
