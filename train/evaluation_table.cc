#include "train/evaluation_table.h"

#include "train/test_sets.h"

namespace rc {
namespace {

std::string cell(const std::optional<double>& x) { return x ? fixed(*x, 4) : "–"; }

std::string cell(const std::optional<Interval>& ci) {
  return ci ? "[" + fixed(ci->low, 4) + ", " + fixed(ci->high, 4) + "]" : "–";
}

std::vector<std::string> row(const std::string& name, const Level& level) {
  const Metrics &f = level.frames, &v = level.videos;
  return {name,
          std::to_string(f.count),
          std::to_string(v.count),
          std::to_string(v.real),
          std::to_string(v.fake),
          cell(f.auc),
          cell(f.eer),
          cell(f.ap),
          cell(f.acc),
          cell(v.auc),
          cell(level.videos_ci)};
}

std::vector<std::string> detail(const std::string& name, const std::string& of, const Metrics& m,
                                const std::optional<Interval>& ci) {
  const auto tdr = [](const std::optional<DetectionRate>& rate) {
    return !rate ? "–" : fixed(rate->tdr, 4) + (rate->reals == 0 ? "*" : "");
  };
  const auto calibration = [&](double Calibration::*number) {
    return cell(m.calibration ? std::optional((*m.calibration).*number) : std::nullopt);
  };
  return {name,
          of,
          std::to_string(m.count),
          cell(m.auc),
          cell(ci),
          cell(m.eer),
          cell(m.eer_interp),
          cell(m.ap),
          cell(m.acc),
          tdr(m.tdr_1e2),
          tdr(m.tdr_1e3),
          calibration(&Calibration::ece),
          calibration(&Calibration::brier),
          calibration(&Calibration::nll)};
}

// Calls add(name, level) for every row, rule() between sets.
template <class Add, class Rule>
void for_each_row(std::span<const Evaluation> sets, const Add& add, const Rule& rule) {
  for (const Evaluation& e : sets) {
    if (&e != sets.data()) rule();
    add(e.dataset, e.all);
    for (const MethodLevel& m : e.methods) add("  " + m.method, m.level);
    for (const ScoreLevel& s : e.scores) add("by " + s.score, s.level);
  }
  if (sets.size() < 2) return;
  rule();
  add(kMeanOfSets, mean_level(sets));
}

}  // namespace

Table evaluation_table(std::span<const Evaluation> sets) {
  Table table({"set", "frames", "videos", "real", "fake", "AUC", "EER", "AP", "ACC", "videoAUC", "[95% CI]"});
  for_each_row(
      sets, [&](const std::string& name, const Level& level) { table.add(row(name, level)); },
      [&] { table.rule(); });
  return table;
}

Table detail_table(std::span<const Evaluation> sets) {
  Table table({"set", "of", "count", "AUC", "[95% CI]", "EER", "EER interp.", "AP", "ACC", "TDR 1e-2",
               "TDR 1e-3", "ECE", "Brier", "NLL"});
  for_each_row(
      sets,
      [&](const std::string& name, const Level& level) {
        table.add(detail(name, "frames", level.frames, level.frames_ci));
        table.add(detail("", "videos", level.videos, level.videos_ci));
      },
      [&] { table.rule(); });
  return table;
}

}  // namespace rc
