#include "train/robustness.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "train/metrics.h"
#include "train/row.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

// Null as soon as one is: a mean over what happens to be defined would compare different things.
AucPair mean_of(std::span<const AucPair> all) {
  AucPair sum{0.0, 0.0};
  for (const AucPair& one : all) {
    sum.frames = sum.frames && one.frames ? std::optional(*sum.frames + *one.frames) : std::nullopt;
    sum.videos = sum.videos && one.videos ? std::optional(*sum.videos + *one.videos) : std::nullopt;
  }
  if (all.empty()) return {};
  if (sum.frames) *sum.frames /= double(all.size());
  if (sum.videos) *sum.videos /= double(all.size());
  return sum;
}

Json number(const std::optional<double>& x) { return x ? Json(*x) : Json(); }
Json to_json(const AucPair& auc) {
  return {{"frame_auc", number(auc.frames)}, {"video_auc", number(auc.videos)}};
}

Row csv_row(const std::string& kind, const std::string& level, double parameter, const AucPair& auc,
            const std::string& unchanged) {
  return {{"kind", kind},
          {"level", level},
          {"parameter", parameter},
          {"frame_auc", auc.frames.value_or(NAN)},
          {"video_auc", auc.videos.value_or(NAN)},
          {"unchanged", unchanged}};
}

std::string cell(const std::optional<double>& x) { return fixed(x.value_or(NAN), 4); }

}  // namespace

std::vector<const PerturbationKind*> Robustness::kinds() const {
  std::vector<const PerturbationKind*> out;
  for (const PerturbedLevel& l : levels)
    if (out.empty() || out.back() != l.perturbation.kind) out.push_back(l.perturbation.kind);
  return out;
}

const AucPair* Robustness::level(const PerturbationKind& kind, int level) const {
  for (const PerturbedLevel& l : levels)
    if (l.perturbation == Perturbation{&kind, level}) return &l.auc;
  return nullptr;
}

AucPair Robustness::mean(const PerturbationKind& kind) const {
  std::vector<AucPair> own;
  for (const PerturbedLevel& l : levels)
    if (l.perturbation.kind == &kind) own.push_back(l.auc);
  return mean_of(own);
}

AucPair Robustness::mean() const {
  std::vector<AucPair> all;
  for (const PerturbationKind* kind : kinds()) all.push_back(mean(*kind));
  return mean_of(all);
}

std::optional<AucPair> Robustness::mean(const PerturbationGroup& group) const {
  Robustness members;
  for (const Perturbation& p : parse_perturbations(group.members)) {
    const auto here = std::ranges::find(levels, p, &PerturbedLevel::perturbation);
    if (here == levels.end()) return std::nullopt;
    members.levels.push_back(*here);
  }
  return members.mean();
}

AucPair auc_of(const ScoredSet& set, VideoKey key) {
  const auto auc = [](const ScoredLabels& s) { return compute_metrics(s.score, s.label).auc; };
  ScoredLabels frames{set.prob_fake, {}};
  for (int v : set.video) frames.label.push_back(set.videos[size_t(v)].label);
  const std::vector<VideoPrediction> videos = video_predictions(set, key, {set.prob_fake});
  return {auc(frames), auc(scored_labels(std::span<const VideoPrediction>(videos)))};
}

std::filesystem::path perturbed_predictions(const std::filesystem::path& folder, const Perturbation& p) {
  return folder / "perturbed" / (std::string(p.kind->name) + "-" + std::to_string(p.level) + ".csv");
}

Json to_json(const Robustness& robustness) {
  Json out = Json::object();
  for (const PerturbedLevel& l : robustness.levels) {
    Json& level = out[l.perturbation.kind->name][std::to_string(l.perturbation.level)];
    level = {{"parameter", l.perturbation.parameter()}};
    level.update(to_json(l.auc));
    level["unchanged"] = l.unchanged;
  }
  for (const PerturbationKind* kind : robustness.kinds())
    out[kind->name]["mean"] = to_json(robustness.mean(*kind));
  out["mean"] = to_json(robustness.mean());
  for (const PerturbationGroup& group : perturbation_groups())
    if (const auto mean = robustness.mean(group)) out["groups"][group.name] = to_json(*mean);
  return out;
}

std::string robustness_csv(const Robustness& robustness) {
  std::string text = csv_header(csv_row("", "", 0, {}, ""));
  const auto add = [&](const std::string& kind, const AucPair& mean) {
    text += csv_line(csv_row(kind, "mean", NAN, mean, ""));
  };
  for (const PerturbedLevel& l : robustness.levels)
    text += csv_line(csv_row(l.perturbation.kind->name, std::to_string(l.perturbation.level),
                             l.perturbation.parameter(), l.auc, std::to_string(l.unchanged)));
  for (const PerturbationKind* kind : robustness.kinds()) add(kind->name, robustness.mean(*kind));
  for (const PerturbationGroup& group : perturbation_groups())
    if (const auto mean = robustness.mean(group)) add(group.name, *mean);
  add("mean", robustness.mean());
  return text;
}

Table robustness_table(const Robustness& robustness) {
  const auto row = [](const std::string& name, const auto& pair_of, const AucPair& mean) {
    std::vector<std::string> cells = {name};
    for (const auto member : {&AucPair::frames, &AucPair::videos}) {
      for (int level = 1; level <= kMostPerturbationLevels; ++level) {
        const AucPair* auc = pair_of(level);
        cells.push_back(auc ? cell(auc->*member) : "–");
      }
      cells.push_back(cell(mean.*member));
    }
    return cells;
  };
  Table table(
      {"interference", "AUC 1", "2", "3", "4", "5", "mean", "videoAUC 1", "2", "3", "4", "5", "mean"});
  for (const PerturbationKind* kind : robustness.kinds())
    table.add(row(
        kind->name, [&](int level) { return robustness.level(*kind, level); }, robustness.mean(*kind)));
  const auto none = [](int) -> const AucPair* { return nullptr; };
  for (const PerturbationGroup& group : perturbation_groups())
    if (const auto mean = robustness.mean(group))
      table.add(row(std::string("mean of ") + group.name, none, *mean));
  table.add(row("mean", none, robustness.mean()));
  return table;
}

}  // namespace rc
