#include "train/ablation_results.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/error.h"
#include "train/robustness.h"
#include "train/scored_set.h"

namespace rc {
namespace fs = std::filesystem;

double AblationFigure::mean() const {
  return std::accumulate(seeds.begin(), seeds.end(), 0.0) / double(seeds.size());
}
double AblationFigure::least() const { return seeds.empty() ? NAN : std::ranges::min(seeds); }
double AblationFigure::greatest() const { return seeds.empty() ? NAN : std::ranges::max(seeds); }

AblationResults::AblationResults(fs::path folder, AblationEvaluation evaluation)
    : folder_(std::move(folder)), evaluation_(std::move(evaluation)) {}

void AblationResults::add(const std::string& run) {
  const fs::path folder = folder_ / run / "eval" / evaluation_.split;
  std::vector<fs::path> files = {folder / "predictions.csv"};
  for (const Perturbation& p : evaluation_.perturbations) files.push_back(perturbed_predictions(folder, p));
  Scores scores;
  for (const fs::path& file : files) {
    const std::vector<FramePrediction> frames = read_predictions(file);
    const ScoredSet set = scored_set(frames);
    Set here;
    here.video = set.video;
    scores.frames.emplace_back(), scores.videos.emplace_back();
    for (const FramePrediction& p : frames) {
      here.path.push_back(p.path), here.label.push_back(p.label);
      scores.frames.back().push_back(p.prob_fake);
    }
    for (const VideoPrediction& v : video_predictions(set, VideoKey::identity, {set.prob_fake})) {
      here.video_itself.push_back(int(here.video_itself.size())), here.video_label.push_back(v.label);
      scores.videos.back().push_back(v.prob_fake);
    }
    if (set_.path.empty()) set_ = here;
    if (here.path != set_.path || here.label != set_.label || here.video != set_.video)
      throw Error(Exit::data, "runs were evaluated on different frames", file.string(),
                  "remove " + folder.string() + " and run ablate again");
  }
  runs_.insert_or_assign(run, std::move(scores));
}

std::vector<const PerturbationKind*> AblationResults::perturbed_kinds() const {
  std::vector<const PerturbationKind*> kinds;
  for (const Perturbation& p : evaluation_.perturbations)
    if (kinds.empty() || kinds.back() != p.kind) kinds.push_back(p.kind);
  return kinds;
}

AblationResults::Mixture AblationResults::under(const PerturbationKind* kind) const {
  const auto& all = evaluation_.perturbations;
  const double kinds = kind ? 1 : double(perturbed_kinds().size());
  Mixture mixture;
  for (size_t i = 0; i < all.size(); ++i)
    if (!kind || all[i].kind == kind)
      mixture.emplace_back(i + 1,
                           1 / kinds / double(std::ranges::count(all, all[i].kind, &Perturbation::kind)));
  return mixture;
}

std::vector<WeightedScores> AblationResults::scorings(const Runs& runs, const Mixture& mixture,
                                                      bool of_videos) const {
  std::vector<WeightedScores> out;
  for (const std::string& run : runs) {
    const Scores& scores = runs_.at(run);
    for (const auto& [scoring, weight] : mixture)
      out.push_back({(of_videos ? scores.videos : scores.frames)[scoring], weight / double(runs.size())});
  }
  return out;
}

AblationFigure AblationResults::figure(const Runs& runs, const Mixture& mixture, bool of_videos) const {
  AblationFigure figure;
  for (const std::string& run : runs) {
    double sum = 0;
    for (const WeightedScores& s : scorings({run}, mixture, of_videos))
      sum += s.weight * compute_metrics(s.score, of_videos ? set_.video_label : set_.label).auc.value_or(NAN);
    figure.seeds.push_back(sum);
  }
  return figure;
}

void AblationResults::add_intervals(AblationFigure& figure, const Runs& own,
                                    const std::pair<Runs, Runs>& paired, const Mixture& mixture,
                                    bool of_videos) const {
  const std::span<const int> label = of_videos ? set_.video_label : set_.label,
                             video = of_videos ? set_.video_itself : set_.video;
  figure.ci = bootstrap_figure(scorings(own, mixture, of_videos), label, video, evaluation_.seed);
  if (!paired.first.empty())
    figure.difference =
        paired_bootstrap(scorings(paired.first, mixture, of_videos),
                         scorings(paired.second, mixture, of_videos), label, video, evaluation_.seed);
}

const AblationCellResult& AblationResults::cell(const AblationRow& row, const AblationRow& baseline) {
  Runs own;
  std::pair<Runs, Runs> paired;  // of seeds that both have finished
  for (size_t i = 0; i < row.runs.size(); ++i) {
    if (!has(row.runs[i])) continue;
    own.push_back(row.runs[i]);
    if (i < baseline.runs.size() && has(baseline.runs[i]))
      paired.first.push_back(row.runs[i]), paired.second.push_back(baseline.runs[i]);
  }
  std::string key;
  for (const Runs* runs : {&own, &paired.first, &paired.second}) {
    for (const std::string& run : *runs) key += run + " ";
    key += "/";
  }
  const auto [at, fresh] = known_.try_emplace(key);
  AblationCellResult& result = at->second;
  if (!fresh || own.empty()) return result;

  if (row.shares == baseline.shares) paired = {};  // a cell does not differ from itself
  const auto measured = [&](const Mixture& mixture, bool of_videos) {
    AblationFigure f = figure(own, mixture, of_videos);
    add_intervals(f, own, paired, mixture, of_videos);
    return f;
  };
  const Mixture clean = {{0, 1.0}};
  result.frames = measured(clean, false), result.videos = measured(clean, true);
  if (evaluation_.perturbations.empty()) return result;
  result.perturbed_frames = measured(under(nullptr), false);
  result.perturbed_videos = measured(under(nullptr), true);
  for (const PerturbationKind* kind : perturbed_kinds())
    result.kinds.push_back(figure(own, under(kind), false));
  return result;
}

}  // namespace rc
