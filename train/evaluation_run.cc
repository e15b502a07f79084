#include "train/evaluation_run.h"

#include <atomic>
#include <cmath>

#include "data/perturbed_clips.h"
#include "train/score_set.h"
#include "train/table.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

Scoring scoring_of(const AppliedProtocol& applied, const fs::path& predictions) {
  return {.input = {applied.image_size, applied.protocol.resampling, applied.scaled_jpeg},
          .altered = {},
          .frame = {},
          .skip_unreadable = applied.protocol.skip_unreadable,
          .predictions = predictions,
          .done = {}};
}

PerturbedLevel under(Scorer& scorer, const TestSet& set, const AppliedProtocol& applied,
                     const Perturbation& p) {
  Scoring scoring = scoring_of(applied, perturbed_predictions(set.folder, p));
  std::atomic<int64_t> unchanged = 0;
  PerturbedClips clips(set.index, p);
  if (p.kind->apply_to_clip)
    scoring.frame = [&](int video, int frame) { return clips.frame(video, frame); };
  else
    scoring.altered = [&](const Image& stored, uint32_t number) {
      Image altered = perturb(stored, p, applied.seed, number);
      unchanged += altered == stored;
      return altered;
    };
  const ScoredSet scored = score_set(scorer, set.index, scoring);
  return {p, auc_of(scored, applied.protocol.video), unchanged};
}

}  // namespace

void check_codecs(std::span<const Perturbation> perturbations) {
  for (const Perturbation& p : perturbations)
    if (p.kind->apply_to_clip) perturb_clip(std::vector{Image(16, 16)}, p);
}

Evaluation evaluate_set(Scorer& scorer, const TestSet& set, const AppliedProtocol& applied,
                        std::span<const Perturbation> perturbations,
                        const std::function<void(const std::string&)>& said) {
  fs::remove_all(set.folder / "perturbed");
  for (const char* file : {"perturbations.csv", "robustness.svg"}) fs::remove(set.folder / file);
  const ScoredSet scored = score_set(scorer, set.index, scoring_of(applied, set.folder / "predictions.csv"));
  Evaluation evaluation = evaluate(set.name, scored, applied.seed, applied.protocol.video);
  evaluation.protocol = applied;
  evaluation.data = {set.path, set.index.root.string(), set.hash, set.index.skipped};
  for (const Perturbation& p : perturbations) {
    const PerturbedLevel level = under(scorer, set, applied, p);
    evaluation.robustness.levels.push_back(level);
    said(set.name + ", " + p.text() + ": AUC " + fixed(level.auc.frames.value_or(NAN), 4) +
         (level.unchanged > 0 ? "; " + std::to_string(level.unchanged) + " of " +
                                    std::to_string(scored.video.size()) + " images were not changed by it"
                              : ""));
  }
  write_evaluation(set.folder, evaluation, scored);
  return evaluation;
}

}  // namespace rc
