#include "train/report_evaluation.h"

#include <cmath>
#include <map>

#include "train/csv_table.h"
#include "train/html.h"
#include "train/report_calibration.h"
#include "train/report_interference.h"
#include "train/table.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

std::string result_row(const std::string& name, const Json& level, bool all) {
  const Json &f = level.at("frames"), &v = level.at("videos");
  std::vector<std::string> cells = {html_escape(name)};
  for (const Json* n : {&f.at("count"), &v.at("count"), &v.at("real"), &v.at("fake")})
    cells.push_back(n->dump());
  for (const char* metric : {"auc", "eer", "ap", "acc"}) cells.push_back(fixed(json_number(f.at(metric)), 4));
  cells.push_back(fixed(json_number(v.at("auc")), 4));
  cells.push_back(interval_cell(v));
  return html_row(cells, "td", all ? "tr class=\"all\"" : "tr");
}

std::string result_table(const Json& results) {
  std::string rows = html_row(
      {"", "frames", "videos", "real", "fake", "AUC", "EER", "AP", "ACC", "video AUC", "95 % interval"},
      "th");
  rows += result_row("all", results.at("all"), true);
  for (const auto& [method, level] : results.at("methods").items()) rows += result_row(method, level, false);
  if (results.contains("scores"))
    for (const auto& [score, level] : results["scores"].items())
      rows += result_row("by " + score, level, false);
  return html_tag("table", rows);
}

std::string roc_card(const ReportedSet& set) {
  std::vector<Series> curves = {roc_series(set, "frames"), roc_series(set, "videos")};
  if (curves[0].points.empty()) return {};
  curves[1].colour = 2;
  return html_card("ROC", roc_chart(curves));
}

std::string score_card(const ReportedSet& set) {
  const CsvTable predictions(set.folder / "predictions.csv");
  std::vector<double> real;
  std::map<std::string, std::vector<double>> fake;
  if (!predictions.rows.empty()) {
    const size_t score = predictions.column("prob_fake"), label = predictions.column("label"),
                 method = predictions.column("method");
    for (const auto& row : predictions.rows)
      if (const double value = csv_number(row[score]); std::isfinite(value))
        (row[label] == "0" ? real : fake[row[method]]).push_back(value);
  }
  std::string panels;
  size_t colour = 0;
  for (const auto& [method, scores] : fake)
    panels += html_tag("div", histogram(real, scores, method, int(colour++ % 5) + 2));  // 1 is the reals'
  return panels.empty() ? "" : html_card("Scores of frames", html_tag("div class=\"panels\"", panels));
}

}  // namespace

std::string evaluation_section(const ReportedSet& set) {
  return html_tag("h2", "Evaluation: " + html_escape(set.name)) + html_card("", result_table(set.results)) +
         html_tag("div class=\"columns\"", roc_card(set) + calibration_card(set)) + score_card(set) +
         interference_card(set) + "\n";
}

Series roc_series(const ReportedSet& set, const std::string& level) {
  Series series{level, {}, 1};
  const CsvTable roc(set.folder / "roc.csv");
  if (roc.rows.empty()) return series;
  const size_t of = roc.column("level"), fpr = roc.column("fpr"), tpr = roc.column("tpr");
  for (const auto& row : roc.rows)
    if (row[of] == level) series.points.emplace_back(csv_number(row[fpr]), csv_number(row[tpr]));
  return series;
}

std::string roc_chart(const std::vector<Series>& curves) {
  return line_chart(curves, {"false positive rate", 0, 1}, {"true positive rate", 0, 1}, {500, 420, true});
}

std::string interval_cell(const Json& level) {
  const Json& ci = level.at("auc_ci95");
  if (!ci.is_array()) return "–";
  const double low = json_number(ci.at(0)), high = json_number(ci.at(1));
  return interval_mark(json_number(level.at("auc")), low, high, 0, 1) +
         html_tag("span class=\"ci\"", fixed(low, 3) + "–" + fixed(high, 3));
}

}  // namespace rc
