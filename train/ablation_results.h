// What the finished runs of an ablation come to: each cell's AUC over its seeds, clean and under
// interference, and its difference to the baseline.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "train/ablation_plan.h"
#include "train/metrics.h"
#include "train/paired_bootstrap.h"

namespace rc {

// A figure (an AUC, or a mean of AUCs) over the seeds of a cell.
struct AblationFigure {
  std::vector<double> seeds;                   // one a finished run, NaN where it is not defined
  std::optional<Interval> ci;                  // of the mean over seeds, under resampling of videos
  std::optional<PairedDifference> difference;  // to the baseline, over the seeds that both have finished

  double mean() const;  // NaN without runs, as the next two
  double least() const;
  double greatest() const;
};

struct AblationCellResult {
  AblationFigure frames, videos;                      // clean
  AblationFigure perturbed_frames, perturbed_videos;  // mean over kinds of the means over their levels
  std::vector<AblationFigure> kinds;                  // of frames, in the order of perturbed_kinds()
};

class AblationResults {
 public:
  // Of runs in `folder`, all measured so.
  AblationResults(std::filesystem::path folder, AblationEvaluation);

  // Reads what a finished run said of the set. Throws Error(data) where its files are damaged or of another
  // set than those of the runs before.
  void add(const std::string& run);
  bool has(const std::string& run) const { return runs_.contains(run); }

  std::vector<const PerturbationKind*> perturbed_kinds() const;
  // Computed anew only where a run of the cell or of the baseline was added.
  const AblationCellResult& cell(const AblationRow&, const AblationRow& baseline);

 private:
  struct Set {
    std::vector<std::string> path;
    std::vector<int> label, video;               // of frames
    std::vector<int> video_label, video_itself;  // of videos
  };
  struct Scores {  // of one run, by scoring: first the clean one, then one a kind and level
    std::vector<std::vector<double>> frames, videos;
  };
  using Runs = std::vector<std::string>;
  using Mixture = std::vector<std::pair<size_t, double>>;  // scorings and weights that make up a figure

  Mixture under(const PerturbationKind* kind) const;  // null: under all kinds
  std::vector<WeightedScores> scorings(const Runs&, const Mixture&, bool of_videos) const;
  AblationFigure figure(const Runs&, const Mixture&, bool of_videos) const;
  void add_intervals(AblationFigure&, const Runs& own, const std::pair<Runs, Runs>& paired, const Mixture&,
                     bool of_videos) const;

  std::filesystem::path folder_;
  AblationEvaluation evaluation_;
  Set set_;  // the same for all runs
  std::map<std::string, Scores> runs_;
  std::map<std::string, AblationCellResult> known_;
};

}  // namespace rc
