#include "train/evaluation_table.h"

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

}  // namespace

Table evaluation_table(const Evaluation& evaluation) {
  Table table({"set", "frames", "videos", "real", "fake", "AUC", "EER", "AP", "ACC", "videoAUC", "[95% CI]"});
  table.add(row(evaluation.dataset, evaluation.all));
  for (const MethodLevel& m : evaluation.methods) table.add(row("  " + m.method, m.level));
  for (const ScoreLevel& s : evaluation.scores) table.add(row("by " + s.score, s.level));
  return table;
}

}  // namespace rc
