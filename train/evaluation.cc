#include "train/evaluation.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "engine/file.h"
#include "train/row.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;
using Key = std::tuple<std::string, int, std::string, std::string>;  // dataset, label, method, video

Key key_of(const FramePrediction& p) { return {p.dataset, p.label, p.method, p.video}; }

// The frames that `wanted` chooses, measured by frame and by video.
template <class Predicate>
Level measure(std::span<const FramePrediction> frames, Predicate wanted, uint64_t seed) {
  std::map<Key, int> number;  // of a video, in the order of keys
  for (const FramePrediction& p : frames)
    if (wanted(p)) number.emplace(key_of(p), 0);
  int next = 0;
  for (auto& [key, n] : number) n = next++;

  std::vector<double> score, video_score(number.size());
  std::vector<int> label, video, video_label(number.size()), own(number.size());
  std::vector<int64_t> count(number.size());
  for (const FramePrediction& p : frames) {
    if (!wanted(p)) continue;
    const int n = number.at(key_of(p));
    score.push_back(p.prob_fake), label.push_back(p.label), video.push_back(n);
    video_score[size_t(n)] += p.prob_fake, ++count[size_t(n)], video_label[size_t(n)] = p.label;
  }
  for (size_t n = 0; n < number.size(); ++n) video_score[n] /= double(count[n]), own[n] = int(n);

  return {compute_metrics(score, label), compute_metrics(video_score, video_label),
          bootstrap_auc(score, label, video, seed), bootstrap_auc(video_score, video_label, own, seed)};
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

Row row_of(const FramePrediction& p) {
  // A logit's text is the float's own; P(fake) is a double.
  return {{"dataset", p.dataset},
          {"split", p.split},
          {"video", p.video},
          {"frame", int64_t(p.frame)},
          {"path", p.path},
          {"label", int64_t(p.label)},
          {"method", p.method},
          {"prob_fake", p.prob_fake},
          {"logit0", number_text(p.logit0)},
          {"logit1", number_text(p.logit1)}};
}

Row row_of(const VideoPrediction& v) {
  return {{"dataset", v.dataset},
          {"video", v.video},
          {"label", int64_t(v.label)},
          {"method", v.method},
          {"n_frames", int64_t(v.n_frames)},
          {"prob_fake", v.prob_fake}};
}

Row row_of(const std::string& level, const RocPoint& p) {
  return {{"level", level}, {"fpr", p.fpr}, {"tpr", p.tpr}, {"threshold", p.threshold}};
}

template <class Prediction>
std::string csv_of(std::span<const Prediction> predictions) {
  std::string text = csv_header(row_of(Prediction()));
  for (const Prediction& p : predictions) text += csv_line(row_of(p));
  return text;
}

template <class Prediction>
std::string roc_lines(const std::string& level, std::span<const Prediction> predictions) {
  std::vector<double> score;
  std::vector<int> label;
  for (const Prediction& p : predictions) score.push_back(p.prob_fake), label.push_back(p.label);
  std::string text;
  for (const RocPoint& p : roc_curve(score, label)) text += csv_line(row_of(level, p));
  return text;
}

}  // namespace

std::vector<VideoPrediction> video_predictions(std::span<const FramePrediction> frames) {
  std::map<Key, VideoPrediction> videos;
  for (const FramePrediction& p : frames) {
    VideoPrediction& v =
        videos.try_emplace(key_of(p), VideoPrediction{p.dataset, p.video, p.label, p.method, 0, 0})
            .first->second;
    ++v.n_frames, v.prob_fake += p.prob_fake;
  }
  std::vector<VideoPrediction> out;
  for (auto& [key, v] : videos) {
    v.prob_fake /= v.n_frames;
    out.push_back(std::move(v));
  }
  return out;
}

Evaluation evaluate(const std::string& name, std::span<const FramePrediction> frames, uint64_t seed) {
  Evaluation out{name,
                 measure(
                     frames, [](const FramePrediction&) { return true; }, seed),
                 {}};
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
  return out;
}

void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation,
                      std::span<const FramePrediction> frames) {
  const std::vector<VideoPrediction> rows = video_predictions(frames);
  const std::span<const VideoPrediction> videos(rows);
  write_file(folder / "results.json", to_json(evaluation).dump(2) + "\n");
  write_file(folder / "predictions.csv", csv_of(frames));
  write_file(folder / "videos.csv", csv_of(videos));
  write_file(folder / "roc.csv",
             csv_header(row_of("", {})) + roc_lines("frames", frames) + roc_lines("videos", videos));
}

}  // namespace rc
