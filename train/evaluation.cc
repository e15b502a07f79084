#include "train/evaluation.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "engine/file.h"
#include "train/row.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

// The frames that `wanted` chooses, measured by frame and by video.
template <class Predicate>
Level measure(std::span<const FramePrediction> frames, Predicate wanted, uint64_t seed) {
  std::vector<FramePrediction> chosen;
  std::ranges::copy_if(frames, std::back_inserter(chosen), wanted);
  const std::vector<VideoPrediction> videos = video_predictions(chosen);
  const ScoredLabels of_frames = scored_labels(std::span<const FramePrediction>(chosen)),
                     of_videos = scored_labels(std::span<const VideoPrediction>(videos));
  std::vector<int> itself(videos.size());
  std::iota(itself.begin(), itself.end(), 0);
  return {compute_metrics(of_frames.score, of_frames.label),
          compute_metrics(of_videos.score, of_videos.label),
          bootstrap_auc(of_frames.score, of_frames.label, video_of_each(chosen), seed),
          bootstrap_auc(of_videos.score, of_videos.label, itself, seed)};
}

// All frames, by `score` in the place of P(fake).
template <class ScoreOf>
ScoreLevel by_score(const std::string& name, std::span<const FramePrediction> frames, ScoreOf score,
                    uint64_t seed) {
  std::vector<FramePrediction> scored(frames.begin(), frames.end());
  for (FramePrediction& p : scored) p.prob_fake = score(p);
  ScoreLevel out{name, measure(
                           std::span<const FramePrediction>(scored), [](const auto&) { return true; }, seed)};
  out.level.frames.acc.reset(), out.level.videos.acc.reset();
  return out;
}

Json number(const std::optional<double>& x) { return x ? Json(*x) : Json(); }
Json interval(const std::optional<Interval>& i) { return i ? Json::array({i->low, i->high}) : Json(); }

Json to_json(const Metrics& m, const std::optional<Interval>& ci) {
  Json out = {{"count", m.count},
              {"real", m.real},
              {"fake", m.fake},
              {"auc", number(m.auc)},
              {"auc_ci95", interval(ci)},
              {"eer", number(m.eer)},
              {"eer_interp", number(m.eer_interp)},
              {"ap", number(m.ap)},
              {"acc", number(m.acc)}};
  if (!m.reason.empty()) out["reason"] = m.reason;
  return out;
}

Json to_json(const Level& level) {
  return {{"frames", to_json(level.frames, level.frames_ci)},
          {"videos", to_json(level.videos, level.videos_ci)}};
}

Row row_of(const std::string& level, const RocPoint& p) {
  return {{"level", level}, {"fpr", p.fpr}, {"tpr", p.tpr}, {"threshold", p.threshold}};
}

template <class Prediction>
std::string roc_lines(const std::string& level, std::span<const Prediction> predictions) {
  const ScoredLabels s = scored_labels(predictions);
  std::string text;
  for (const RocPoint& p : roc_curve(s.score, s.label)) text += csv_line(row_of(level, p));
  return text;
}

}  // namespace

Evaluation evaluate(const std::string& name, std::span<const FramePrediction> frames, uint64_t seed) {
  Evaluation out{name,
                 measure(
                     frames, [](const FramePrediction&) { return true; }, seed),
                 {},
                 {},
                 {}};
  const auto half_distance = [](const FramePrediction& p) { return double(p.real_distance) / 2; };
  if (!frames.empty() && std::ranges::none_of(frames, [](auto& p) { return std::isnan(p.real_distance); })) {
    out.scores.push_back(by_score("real_distance", frames, half_distance, seed));
    const auto both = [&](const FramePrediction& p) { return (p.prob_fake + half_distance(p)) / 2; };
    out.scores.push_back(by_score("both", frames, both, seed));
  }
  std::set<std::string> methods;
  for (const FramePrediction& p : frames)
    if (p.label == 1) methods.insert(p.method);
  if (methods.size() < 2) return out;
  for (const std::string& method : methods) {
    const auto wanted = [&](const FramePrediction& p) { return p.label == 0 || p.method == method; };
    out.methods.push_back({method, measure(frames, wanted, seed)});
  }
  return out;
}

Json to_json(const Evaluation& evaluation) {
  Json out = {{"dataset", evaluation.dataset}, {"all", to_json(evaluation.all)}, {"methods", Json::object()}};
  for (const MethodLevel& m : evaluation.methods) out["methods"][m.method] = to_json(m.level);
  for (const ScoreLevel& s : evaluation.scores) out["scores"][s.score] = to_json(s.level);
  if (!evaluation.robustness.levels.empty()) out["perturbations"] = to_json(evaluation.robustness);
  return out;
}

void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation,
                      std::span<const FramePrediction> frames) {
  const std::vector<VideoPrediction> rows = video_predictions(frames);
  const std::span<const VideoPrediction> videos(rows);
  write_file(folder / "results.json", to_json(evaluation).dump(2) + "\n");
  write_file(folder / "predictions.csv", predictions_csv(frames));
  write_file(folder / "videos.csv", videos_csv(videos));
  write_file(folder / "roc.csv",
             csv_header(row_of("", {})) + roc_lines("frames", frames) + roc_lines("videos", videos));
  if (!evaluation.robustness.levels.empty())
    write_file(folder / "perturbations.csv", robustness_csv(evaluation.robustness));
}

}  // namespace rc
