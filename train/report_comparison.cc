#include "train/report_comparison.h"

#include <algorithm>
#include <map>
#include <set>

#include "train/html.h"
#include "train/report_evaluation.h"
#include "train/table.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

// A run's colour and name, as in the charts.
std::string name_cell(const ReportedRun& run, size_t i) {
  return html_tag("i class=\"key key-" + std::to_string(series_colour(i)) + "\"", "") + html_escape(run.name);
}

const ReportedSet* set_of(const ReportedRun& run, const std::string& name) {
  const auto found = std::ranges::find(run.sets, name, &ReportedSet::name);
  return found == run.sets.end() ? nullptr : &*found;
}

// The best of a column is bold; ties are all.
void mark_best(std::vector<std::vector<std::string>>& rows, size_t column, const std::vector<double>& values,
               bool greatest) {
  double best = NAN;
  for (const double v : values)
    if (std::isfinite(v) && !(greatest ? v <= best : v >= best)) best = v;
  for (size_t i = 0; i < rows.size(); ++i)
    if (values[i] == best) rows[i][column] = html_tag("b", rows[i][column]);
}

struct Figure {
  const char *title, *level, *key;
  bool greatest;
};
constexpr Figure kFigures[] = {{"AUC", "frames", "auc", true},
                               {"EER", "frames", "eer", false},
                               {"AP", "frames", "ap", true},
                               {"ACC", "frames", "acc", true},
                               {"video AUC", "videos", "auc", true}};

std::string results_card(std::span<const ReportedRun> runs, const std::string& name) {
  std::vector<std::string> head = {"", "objective", "backbone", "seed"};
  for (const Figure& f : kFigures) head.emplace_back(f.title);
  head.emplace_back("95 % interval");
  std::vector<std::vector<std::string>> rows;
  std::vector<std::vector<double>> values(std::size(kFigures));
  for (size_t i = 0; i < runs.size(); ++i) {
    const Json& config = runs[i].config;
    const ReportedSet* set = set_of(runs[i], name);
    std::vector<std::string>& row = rows.emplace_back();
    row = {name_cell(runs[i], i), html_escape(config.value("/loss/objective"_json_pointer, "")),
           html_escape(config.value("/model/name"_json_pointer, "")), config.value("seed", Json()).dump()};
    for (size_t f = 0; f < std::size(kFigures); ++f) {
      const Figure& figure = kFigures[f];
      values[f].push_back(set ? json_number(set->results.at("all").at(figure.level).at(figure.key)) : NAN);
      row.push_back(fixed(values[f].back(), 4));
    }
    row.push_back(set ? interval_cell(set->results.at("all").at("videos")) : "–");
  }
  for (size_t f = 0; f < std::size(kFigures); ++f) mark_best(rows, 4 + f, values[f], kFigures[f].greatest);
  std::string table = html_row(head, "th");
  for (const auto& row : rows) table += html_row(row);
  return html_card("All of " + name, html_tag("table", table));
}

// A row a forgery method, a column a run: AUC of frames.
std::string methods_card(std::span<const ReportedRun> runs, const std::string& name) {
  std::set<std::string> methods;
  std::vector<std::string> head = {"AUC of frames"};
  for (size_t i = 0; i < runs.size(); ++i) {
    head.push_back(name_cell(runs[i], i));
    if (const ReportedSet* set = set_of(runs[i], name))
      for (const auto& [method, level] : set->results.at("methods").items()) methods.insert(method);
  }
  if (methods.empty()) return {};
  std::string table = html_row(head, "th");
  for (const std::string& method : methods) {
    std::vector<std::string> row = {html_escape(method)};
    for (const ReportedRun& run : runs) {
      const ReportedSet* set = set_of(run, name);
      const bool there = set && set->results.at("methods").contains(method);
      row.push_back(there ? fixed(json_number(set->results["methods"][method].at("frames").at("auc")), 4)
                          : "–");
    }
    table += html_row(row);
  }
  return html_card("By forgery method on " + name, html_tag("table", table));
}

std::string roc_card(std::span<const ReportedRun> runs, const std::string& name, const std::string& level) {
  std::vector<Series> curves;
  for (size_t i = 0; i < runs.size(); ++i)
    if (const ReportedSet* set = set_of(runs[i], name)) {
      Series curve = roc_series(*set, level);
      curve.name = runs[i].name, curve.colour = series_colour(i);
      if (!curve.points.empty()) curves.push_back(std::move(curve));
    }
  return curves.empty() ? "" : html_card("ROC of " + level + " on " + name, roc_chart(curves));
}

// A row a setting that is not the same in all runs; where they are written says nothing of them.
std::string differences_card(std::span<const ReportedRun> runs) {
  std::map<std::string, std::vector<std::string>> settings;  // by their place
  for (size_t i = 0; i < runs.size(); ++i) {
    const Json flat = runs[i].config.empty() ? Json::object() : runs[i].config.flatten();
    for (const auto& [place, value] : flat.items()) {
      if (place == "/out") continue;
      auto& of_all = settings.try_emplace(place, runs.size(), "–").first->second;
      of_all[i] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  std::vector<std::string> head = {"setting"};
  for (size_t i = 0; i < runs.size(); ++i) head.push_back(name_cell(runs[i], i));
  std::string table = html_row(head, "th");
  size_t differing = 0;
  for (const auto& [place, values] : settings) {
    if (std::ranges::adjacent_find(values, std::not_equal_to()) == values.end()) continue;
    ++differing;
    std::string key = place.substr(1);
    std::ranges::replace(key, '/', '.');
    std::vector<std::string> row = {html_escape(key)};
    for (const std::string& value : values) row.push_back(html_escape(value.empty() ? "–" : value));
    table += html_row(row);
  }
  return html_card("What was set differently", differing == 0 ? html_tag("p class=\"soft\"", "Nothing.")
                                                              : html_tag("table class=\"settings\"", table));
}

}  // namespace

std::string comparison_section(std::span<const ReportedRun> runs) {
  std::set<std::string> sets;
  for (const ReportedRun& run : runs)
    for (const ReportedSet& set : run.sets) sets.insert(set.name);
  std::string out = html_tag("h2", "Side by side");
  for (const std::string& name : sets)
    out += results_card(runs, name) + methods_card(runs, name) +
           html_tag("div class=\"columns\"", roc_card(runs, name, "frames") + roc_card(runs, name, "videos"));
  return out + differences_card(runs);
}

}  // namespace rc
