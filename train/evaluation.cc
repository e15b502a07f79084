#include "train/evaluation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace rc {
namespace {

// The chosen frames, measured by frame and by video. Frames are resampled with their own video, whatever the
// key merges.
Level measure(const ScoredSet& set, VideoKey key, const ChosenScores& chosen, uint64_t seed) {
  std::vector<double> score;
  std::vector<int> label, video;
  for (size_t i = 0; i < set.video.size(); ++i) {
    const ScoredVideo& v = set.videos[size_t(set.video[i])];
    if (!chosen.wanted(v)) continue;
    score.push_back(chosen.score[i]), label.push_back(v.label), video.push_back(set.video[i]);
  }
  const std::vector<VideoPrediction> videos = video_predictions(set, key, chosen);
  const ScoredLabels of_videos = scored_labels(std::span<const VideoPrediction>(videos));
  std::vector<int> itself(videos.size());
  std::iota(itself.begin(), itself.end(), 0);
  return {compute_metrics(score, label), compute_metrics(of_videos.score, of_videos.label),
          bootstrap_auc(score, label, video, seed),
          bootstrap_auc(of_videos.score, of_videos.label, itself, seed)};
}

// All frames by another score than P(fake); `score_of` gives that of a frame.
template <class ScoreOf>
ScoreLevel by_score(const std::string& name, const ScoredSet& set, VideoKey key, ScoreOf score_of,
                    uint64_t seed) {
  std::vector<double> score;
  for (size_t i = 0; i < set.video.size(); ++i) score.push_back(score_of(i));
  ScoreLevel out{name, measure(set, key, {score}, seed)};
  for (Metrics* m : {&out.level.frames, &out.level.videos}) m->acc.reset(), m->calibration.reset();
  return out;
}

}  // namespace

Evaluation evaluate(const std::string& name, const ScoredSet& set, uint64_t seed, VideoKey key) {
  Evaluation out;
  out.dataset = name;
  out.all = measure(set, key, {set.prob_fake}, seed);
  out.unreadable = set.unreadable;
  for (int v : set.failed)
    out.failed.push_back(set.videos[size_t(v)].method + "/" + set.videos[size_t(v)].id);
  if (!set.video.empty() && std::ranges::none_of(set.real_distance, [](float d) { return std::isnan(d); })) {
    const auto half_distance = [&](size_t i) { return double(set.real_distance[i]) / 2; };
    const auto both = [&](size_t i) { return (set.prob_fake[i] + half_distance(i)) / 2; };
    out.scores.push_back(by_score("real_distance", set, key, half_distance, seed));
    out.scores.push_back(by_score("both", set, key, both, seed));
  }
  std::set<std::string> methods;
  for (const ScoredVideo& v : set.videos)
    if (v.label == 1) methods.insert(v.method);
  if (methods.size() < 2) return out;
  for (const std::string& method : methods)
    out.methods.push_back({method, measure(set, key, {set.prob_fake, &method}, seed)});
  return out;
}

}  // namespace rc
