// An ablation's results as tables: for the terminal, as Markdown and as CSV.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "train/ablation_results.h"
#include "train/table.h"

namespace rc {

struct AblationLine {
  const AblationCell* cell = nullptr;
  AblationCellResult result;
  std::string note;  // why it has no or fewer runs, or whose it shares; else empty
};

struct AblationTable {
  std::string baseline;
  std::vector<const PerturbationKind*> kinds;
  std::vector<AblationLine> lines;  // a row of the plan each
};

// All that is known so far. `failures`: by run, why it failed.
AblationTable ablation_table(const AblationPlan&, AblationResults&, const std::string& baseline,
                             const std::map<std::string, std::string>& failures);

// "+0.0041 [-0.0102, +0.0180] no difference shown": the words where the interval holds 0.
std::string difference_text(const PairedDifference&);

// AUC of frames, of videos and under interference: mean over seeds (least–greatest).
Table ablation_figures(const AblationTable&);
// The differences of these to the baseline.
Table ablation_differences(const AblationTable&);
// "A6-hn: same settings as A4, whose runs these are", a line each.
std::string ablation_notes(const AblationTable&);

// A row a cell and figure, with every seed's value.
std::string ablation_csv(const AblationTable&);

// The whole as one Markdown document; `facts` are its first lines: name and value.
std::string ablation_markdown(const AblationTable&,
                              const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace rc
