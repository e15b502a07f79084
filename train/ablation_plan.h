// Which runs an ablation is made of, and how far each has come in its folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/perturbation.h"
#include "train/ablation_cells.h"
#include "train/config.h"

namespace rc {

struct AblationRun {
  std::string name;  // of its folder: the first cell of the table with these settings, and the seed: "A4-s1"
  Config config;
};

// A row of the table: a cell and its runs.
struct AblationRow {
  const AblationCell* cell = nullptr;
  std::string shares;             // the cell whose runs these are; its own id where they are its own
  std::vector<std::string> runs;  // one a seed, in the order of the seeds
  std::string problem;            // why it cannot run under this base; else empty
};

struct AblationPlan {
  std::vector<AblationRow> rows;
  std::vector<AblationRun> runs;  // each once; all cells of the first seed, then of the next
};

// Lays each cell over the base. Cells of equal settings share their runs. Throws Error(usage) for a base that
// is wrong by itself, for a --seed beside `seeds`, and for a length in time or in epochs: cells are compared
// at equal steps, and epochs are shorter under forgery tuples.
AblationPlan plan_ablation(const ConfigSources& base, const std::vector<const AblationCell*>&,
                           const std::vector<uint64_t>& seeds, const std::filesystem::path& folder);

// SHA-256 of what decides a run's numbers: the resolved configuration without the run folder, the device, the
// place of the data (their own hash stands for it), loader threads and logging.
std::string settings_hash(const Config&);

// How every run is measured.
struct AblationEvaluation {
  std::string split = "test";
  std::vector<Perturbation> perturbations;
  uint64_t seed = 42;  // of noise and resamples, the same for all runs

  std::string text() const;  // "split=test seed=42 jpeg:1 jpeg:2"
};

// How far a run has come.
enum class AblationState {
  absent,   // nothing to keep: to be trained from the start
  started,  // to be resumed from its checkpoint
  trained,  // to be evaluated
  finished,
};

// Of the run in `folder`. Throws Error(usage) with a hint where the folder holds a run of other settings or
// other data.
AblationState ablation_state(const std::filesystem::path& folder, const AblationRun&,
                             const std::string& data_hash, const AblationEvaluation&);

// Records that the run in `folder` has been evaluated so; the last step of a run.
void record_finished(const std::filesystem::path& folder, const AblationRun&, const AblationEvaluation&);

}  // namespace rc
