#include "train/report.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/error.h"
#include "engine/file.h"
#include "train/plot.h"
#include "train/report_style.h"
#include "train/row.h"
#include "train/table.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr int kColours = 6;

Json read_json(const fs::path& path) {
  Json json = Json::parse(read_file(path), nullptr, false);
  if (!json.is_object()) throw Error(Exit::data, "damaged file " + path.string(), "not a JSON object");
  return json;
}

// A CSV file by the names of its columns.
struct Columns {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;

  explicit Columns(const fs::path& path) {
    if (!fs::exists(path)) return;
    rows = parse_csv(read_file(path), path.string());
    if (rows.empty()) return;
    names = std::move(rows[0]);
    rows.erase(rows.begin());
    for (const auto& row : rows)
      if (row.size() != names.size())
        throw Error(Exit::data, "damaged file " + path.string(), "rows of different lengths");
  }
  size_t column(const std::string& name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) throw Error(Exit::data, "a CSV file without the column " + name);
    return size_t(found - names.begin());
  }
};

double number(const std::string& text) { return text.empty() ? NAN : std::strtod(text.c_str(), nullptr); }
double number(const Json& json) { return json.is_number() ? json.get<double>() : NAN; }

std::string tag(const std::string& name, const std::string& inside) {
  return "<" + name + ">" + inside + "</" + name.substr(0, name.find(' ')) + ">";
}
std::string card(const std::string& title, const std::string& inside) {
  return "<section class=\"card\">" + (title.empty() ? "" : tag("h3", html_escape(title))) + inside +
         "</section>\n";
}
std::string tile(const std::string& value, const std::string& what) {
  return "<div class=\"tile\"><b>" + html_escape(value) + "</b><span>" + html_escape(what) + "</span></div>";
}

std::string facts(const Json& object) {
  std::string rows;
  const Json flat = object.empty() ? object : object.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    std::string key = pointer.substr(1);
    std::replace(key.begin(), key.end(), '/', '.');
    const std::string text = value.is_string()       ? value.get<std::string>()
                             : value.is_structured() ? "–"
                                                     : value.dump();
    rows += tag("tr", tag("td", html_escape(key)) + tag("td", html_escape(text.empty() ? "–" : text)));
  }
  return tag("table class=\"facts\"", rows);
}

// Every series of metrics.jsonl whose name `chosen` takes, over the step.
template <class Predicate>
std::vector<Series> logged(const fs::path& run, Predicate chosen) {
  std::vector<Series> out;
  const fs::path path = run / "metrics.jsonl";
  if (!fs::exists(path)) return out;
  const std::string text = read_file(path);
  for (size_t from = 0, end; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
    const Json row = Json::parse(text.substr(from, end - from), nullptr, false);
    if (!row.is_object() || !row.contains("step"))
      throw Error(Exit::data, "damaged file " + path.string(), "a line is not a row with a step");
    for (const auto& item : row.items()) {
      const std::string& name = item.key();
      if (!chosen(name)) continue;
      auto series = std::find_if(out.begin(), out.end(), [&](const Series& s) { return s.name == name; });
      if (series == out.end()) series = out.insert(out.end(), {name, {}, int(out.size()) % kColours + 1});
      series->points.emplace_back(number(row["step"]), number(item.value()));
    }
  }
  return out;
}

std::string chart(const std::string& title, const std::vector<Series>& series, const std::string& y,
                  const ChartSize& size = {}) {
  if (series.empty()) return {};
  return card(title, line_chart(series, axis_of(series, true, "step"), axis_of(series, false, y), size));
}

std::string training(const fs::path& run) {
  const auto loss =
      logged(run, [](const std::string& name) { return name.find("loss") != std::string::npos; });
  const auto rate = logged(run, [](const std::string& name) { return name == "lr"; });
  const auto centre = logged(run, [](const std::string& name) {
    return name.ends_with("_centre_q10") || name.ends_with("_centre_q50") || name.ends_with("_centre_q90");
  });
  const auto pairs = logged(run, [](const std::string& name) {
    return name == "alignment" || name == "negative_cosine" || name == "margin_violations";
  });
  const Columns epochs(run / "metrics.csv");
  std::vector<Series> validation;
  for (size_t c = 0; c < epochs.names.size(); ++c) {
    if (epochs.names[c].find("auc") == std::string::npos) continue;
    Series series{epochs.names[c], {}, int(validation.size()) % kColours + 1};
    for (const auto& row : epochs.rows)
      series.points.emplace_back(number(row[epochs.column("step")]), number(row[c]));
    validation.push_back(std::move(series));
  }
  const std::string charts = chart("Loss", loss, "loss", {1000, 300, false}) + "<div class=\"columns\">" +
                             chart("Validation", validation, "AUC") + chart("Learning rate", rate, "lr") +
                             chart("Cosine to the centre of natural faces", centre, "z · c") +
                             chart("Pairs of embeddings", pairs, "mean cosine, or share") + "</div>";
  return loss.empty() && validation.empty() ? "" : tag("h2", "Training") + charts;
}

std::string result_row(const std::string& name, const Json& level, bool all) {
  const Json &f = level.at("frames"), &v = level.at("videos");
  std::string cells = tag("td", html_escape(name));
  for (const Json* n : {&f["count"], &v["count"], &v["real"], &v["fake"]}) cells += tag("td", n->dump());
  for (const char* metric : {"auc", "eer", "ap", "acc"}) cells += tag("td", fixed(number(f[metric]), 4));
  const double auc = number(v["auc"]);
  cells += tag("td", fixed(auc, 4));
  const Json& ci = v["auc_ci95"];
  cells += tag("td", ci.is_array() ? interval_mark(auc, number(ci.at(0)), number(ci.at(1)), 0, 1) + " " +
                                         fixed(number(ci.at(0)), 3) + "–" + fixed(number(ci.at(1)), 3)
                                   : "–");
  return tag(all ? "tr class=\"all\"" : "tr", cells);
}

std::string result_table(const Json& results) {
  std::string rows;
  for (const char* head :
       {"", "frames", "videos", "real", "fake", "AUC", "EER", "AP", "ACC", "video AUC", "95 % interval"})
    rows += tag("th", head);
  rows = tag("tr", rows) + result_row("all", results.at("all"), true);
  for (const auto& [method, level] : results.at("methods").items()) rows += result_row(method, level, false);
  if (results.contains("scores"))
    for (const auto& [score, level] : results["scores"].items())
      rows += result_row("by " + score, level, false);
  return tag("table", rows);
}

std::string roc_card(const fs::path& set) {
  const Columns roc(set / "roc.csv");
  std::vector<Series> curves = {{"frames", {}, 1}, {"videos", {}, 2}};
  for (const auto& row : roc.rows)
    curves[row[roc.column("level")] == "videos"].points.emplace_back(number(row[roc.column("fpr")]),
                                                                     number(row[roc.column("tpr")]));
  if (curves[0].points.empty()) return {};
  return card("ROC", line_chart(curves, {"false positive rate", 0, 1}, {"true positive rate", 0, 1},
                                {500, 420, true}));
}

std::string score_card(const fs::path& set) {
  const Columns predictions(set / "predictions.csv");
  std::vector<double> real;
  std::map<std::string, std::vector<double>> fake;
  for (const auto& row : predictions.rows) {
    const double score = number(row[predictions.column("prob_fake")]);
    if (!std::isfinite(score)) continue;
    (row[predictions.column("label")] == "0" ? real : fake[row[predictions.column("method")]])
        .push_back(score);
  }
  std::string panels;
  int colour = 2;
  for (const auto& [method, scores] : fake) {
    panels += tag("div", histogram(real, scores, method, colour));
    colour = colour % kColours + 1;
    if (colour == 1) colour = 2;  // the reals'
  }
  return panels.empty() ? "" : card("Scores of frames", tag("div class=\"panels\"", panels));
}

std::vector<fs::path> evaluated_sets(const fs::path& run) {
  std::vector<fs::path> sets;
  if (fs::is_directory(run / "eval"))
    for (const auto& entry : fs::directory_iterator(run / "eval"))
      if (fs::exists(entry.path() / "results.json")) sets.push_back(entry.path());
  std::sort(sets.begin(), sets.end());
  return sets;
}

std::string evaluation(const fs::path& set, const Json& results) {
  return tag("h2", "Evaluation: " + html_escape(set.filename().string())) + card("", result_table(results)) +
         "<div class=\"columns\">" + roc_card(set) + score_card(set) + "</div>";
}

std::string head_line(const Json& config, const Json& record) {
  const std::string status =
      !record.contains("exit_status") || record["exit_status"].is_null() ? "not finished"
      : record["exit_status"] == 0                                       ? "finished"
                                   : "ended with exit status " + record["exit_status"].dump();
  const std::string model = config.value("/model/name"_json_pointer, ""),
                    objective = config.value("/loss/objective"_json_pointer, "");
  return model + ", objective " + objective + ", seed " + config.value("seed", Json()).dump() + " · " +
         status + " · " + record.value("device", "device unknown");
}

}  // namespace

std::string report_html(const fs::path& run) {
  if (!fs::exists(run / "config.json"))
    throw Error(Exit::data, "no run in " + run.string(), "it has no config.json",
                "give the folder that training wrote, as runs/NAME");
  const Json config = read_json(run / "config.json");
  const Json record = fs::exists(run / "run.json") ? read_json(run / "run.json") : Json::object();
  const std::string name = fs::absolute(run).lexically_normal().filename().string();

  std::string tiles, sets;
  try {
    for (const fs::path& set : evaluated_sets(run)) {
      const Json results = read_json(set / "results.json");
      const Json& all = results.at("all");
      const std::string of = " on " + set.filename().string();
      tiles += tile(fixed(number(all.at("frames").at("auc")), 4), "frame AUC" + of) +
               tile(fixed(number(all.at("videos").at("auc")), 4), "video AUC" + of) +
               tile(fixed(number(all.at("frames").at("eer")), 4), "frame EER" + of);
      sets += evaluation(set, results);
    }
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
           html_escape(name) + " – realcentric</title><style>" + kReportStyle +
           "</style></head><body><main>\n" + tag("h1", html_escape(name)) +
           tag("p class=\"soft\"", html_escape(head_line(config, record))) +
           (tiles.empty() ? "" : tag("div class=\"tiles\"", tiles)) + "\n" + sets + training(run) +
           tag("h2", "Provenance") + "<div class=\"columns\">" + card("Configuration", facts(config)) +
           card("Run", facts(record)) + "</div>\n</main></body></html>\n";
  } catch (const Json::exception& e) {
    throw Error(Exit::data, "damaged results of the run " + run.string(), e.what());
  }
}

void write_report(const fs::path& run) { write_file(run / "report.html", report_html(run)); }

}  // namespace rc
