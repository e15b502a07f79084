// An evaluation as JSON, and the files of eval/<set>/.
#include <nlohmann/json.hpp>

#include "engine/file.h"
#include "train/evaluation.h"
#include "train/robustness_chart.h"
#include "train/row.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& x) { return x ? Json(*x) : Json(); }
Json interval(const std::optional<Interval>& i) { return i ? Json::array({i->low, i->high}) : Json(); }

void add_rate(Json& out, const std::string& key, const std::optional<DetectionRate>& rate) {
  out[key] = rate ? Json(rate->tdr) : Json();
  out[key + "_reals"] = rate ? Json(rate->reals) : Json();
}

Json bins_of(const Calibration& calibration) {
  Json out = Json::array();
  for (const ReliabilityBin& bin : calibration.bins)
    out.push_back({{"count", bin.count},
                   {"mean_score", bin.count > 0 ? Json(bin.mean_score) : Json()},
                   {"fake_share", bin.count > 0 ? Json(bin.fake_share) : Json()}});
  return out;
}

Json to_json(const Metrics& m, const std::optional<Interval>& ci, bool bins) {
  Json out = {{"count", m.count},
              {"real", m.real},
              {"fake", m.fake},
              {"auc", number(m.auc)},
              {"auc_ci95", interval(ci)},
              {"eer", number(m.eer)},
              {"eer_interp", number(m.eer_interp)},
              {"ap", number(m.ap)},
              {"acc", number(m.acc)}};
  add_rate(out, "tdr_fpr_1e-2", m.tdr_1e2);
  add_rate(out, "tdr_fpr_1e-3", m.tdr_1e3);
  out["ece"] = m.calibration ? Json(m.calibration->ece) : Json();
  out["brier"] = m.calibration ? Json(m.calibration->brier) : Json();
  out["nll"] = m.calibration ? Json(m.calibration->nll) : Json();
  if (bins && m.calibration) out["reliability"] = bins_of(*m.calibration);
  if (!m.reason.empty()) out["reason"] = m.reason;
  return out;
}

Row row_of(const std::string& level, const RocPoint& p) {
  return {{"level", level}, {"fpr", p.fpr}, {"tpr", p.tpr}, {"threshold", p.threshold}};
}

std::string roc_lines(const std::string& level, const std::vector<RocPoint>& roc) {
  std::string text;
  for (const RocPoint& p : roc) text += csv_line(row_of(level, p));
  return text;
}

std::vector<int> label_of_each(const ScoredSet& set) {
  std::vector<int> label;
  for (int v : set.video) label.push_back(set.videos[size_t(v)].label);
  return label;
}

}  // namespace

Json to_json(const Level& level, bool bins) {
  return {{"frames", to_json(level.frames, level.frames_ci, bins)},
          {"videos", to_json(level.videos, level.videos_ci, bins)}};
}

Json to_json(const Evaluation& evaluation) {
  Json out = {{"dataset", evaluation.dataset}};
  const EvaluatedData& data = evaluation.data;
  if (evaluation.protocol) {
    out["protocol"] = to_json(*evaluation.protocol);
    out["protocol"]["data_sha256"] = data.hash;
  }
  out["data"] = {{"name", evaluation.dataset}, {"path", data.path}, {"root", data.root}, {"hash", data.hash}};
  if (!data.skipped.empty()) out["data"]["skipped"] = data.skipped;
  if (evaluation.unreadable > 0)
    out["left_out"] = {{"frames", evaluation.unreadable}, {"videos_scored_one_half", evaluation.failed}};
  out["all"] = to_json(evaluation.all, true);
  out["methods"] = Json::object();
  for (const MethodLevel& m : evaluation.methods) out["methods"][m.method] = to_json(m.level, false);
  for (const ScoreLevel& s : evaluation.scores) out["scores"][s.score] = to_json(s.level, false);
  if (!evaluation.robustness.levels.empty()) out["perturbations"] = to_json(evaluation.robustness);
  return out;
}

void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation,
                      const ScoredSet& set) {
  const VideoKey key = evaluation.protocol ? evaluation.protocol->protocol.video : VideoKey::identity;
  const std::vector<VideoPrediction> rows = video_predictions(set, key, {set.prob_fake});
  const std::span<const VideoPrediction> videos(rows);
  const ScoredLabels of_videos = scored_labels(videos);
  write_file(folder / "results.json",
             to_json(evaluation).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  write_file(folder / "videos.csv", videos_csv(videos));
  write_file(folder / "roc.csv", csv_header(row_of("", {})) +
                                     roc_lines("frames", roc_curve(set.prob_fake, label_of_each(set))) +
                                     roc_lines("videos", roc_curve(of_videos.score, of_videos.label)));
  if (evaluation.robustness.levels.empty()) return;
  write_file(folder / "perturbations.csv", robustness_csv(evaluation.robustness));
  write_file(folder / "robustness.svg", robustness_chart({&evaluation, 1}));
}

}  // namespace rc
