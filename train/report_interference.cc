#include "train/report_interference.h"

#include <algorithm>
#include <cmath>

#include "train/html.h"
#include "train/table.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLevels = 5;

// "frame_auc" or "video_auc" of a kind at a level or "mean"; NaN where it was not asked for.
double auc_at(const Json& kind, const std::string& level, const char* which) {
  return kind.contains(level) ? json_number(kind.at(level).value(which, Json())) : NAN;
}

// A number and how much of the clean AUC above a guess it has lost: h0 (nothing) ... h5 (all).
std::string cell(double auc, double clean) {
  const double lost = std::isfinite(auc) && clean > 0.5 ? (clean - auc) / (clean - 0.5) : 0;
  return html_tag("td class=\"h" + std::to_string(std::clamp(int(std::lround(lost * 5)), 0, 5)) + "\"",
                  fixed(auc, 4));
}

std::string table_row(const std::string& name, const Json& kind, double clean) {
  std::string cells = html_tag("td", html_escape(name)) + html_tag("td", fixed(clean, 4));
  for (int level = 1; level <= kLevels; ++level)
    cells += cell(auc_at(kind, std::to_string(level), "frame_auc"), clean);
  for (const char* which : {"frame_auc", "video_auc"})
    cells += html_tag("td", fixed(auc_at(kind, "mean", which), 4));
  return html_tag("tr", cells) + "\n";
}

std::string mean_row(const std::string& name, const Json& mean, double clean) {
  std::vector<std::string> cells = {html_escape(name), fixed(clean, 4)};
  cells.resize(cells.size() + kLevels);
  for (const char* which : {"frame_auc", "video_auc"})
    cells.push_back(fixed(json_number(mean.value(which, Json())), 4));
  return html_row(cells, "td", "tr class=\"all\"");
}

// Frames and videos over the levels, the clean set being level 0.
std::string panel(const std::string& name, const Json& kind, const Json& clean, const Axis& y) {
  std::vector<Series> series = {{"frames", {}, 1}, {"videos", {}, 2}};
  const std::pair<const char*, const char*> keys[] = {{"frame_auc", "frames"}, {"video_auc", "videos"}};
  for (size_t s = 0; s < 2; ++s) {
    series[s].points.emplace_back(0, json_number(clean.at(keys[s].second).at("auc")));
    for (int level = 1; level <= kLevels; ++level)
      series[s].points.emplace_back(level, auc_at(kind, std::to_string(level), keys[s].first));
  }
  return html_tag("div", html_tag("h4", html_escape(name)) +
                             line_chart(series, {"level", 0, double(kLevels)}, y, {280, 190, false}));
}

}  // namespace

std::string interference_card(const ReportedSet& set) {
  if (!set.results.contains("perturbations")) return {};
  const Json &kinds = set.results.at("perturbations"), &clean = set.results.at("all");
  const double clean_auc = json_number(clean.at("frames").at("auc"));
  std::string rows =
      html_row({"AUC of frames", "clean", "1", "2", "3", "4", "5", "mean", "video mean"}, "th");
  double least = std::isfinite(clean_auc) ? std::min(clean_auc, 0.5) : 0.5;
  for (const auto& [name, kind] : kinds.items())  // "mean" and "groups" have no levels
    for (int level = 1; level <= kLevels; ++level)
      for (const char* which : {"frame_auc", "video_auc"})
        if (const double auc = auc_at(kind, std::to_string(level), which); std::isfinite(auc))
          least = std::min(least, auc);
  const Axis y{"AUC", std::floor(least * 10) / 10, 1};
  std::string panels;
  for (const auto& [name, kind] : kinds.items()) {
    if (name == "mean" || name == "groups") continue;
    rows += table_row(name, kind, clean_auc);
    panels += panel(name, kind, clean, y);
  }
  if (kinds.contains("groups"))
    for (const auto& [name, mean] : kinds.at("groups").items()) rows += mean_row(name, mean, clean_auc);
  if (kinds.contains("mean")) rows += mean_row("mean of kinds", kinds.at("mean"), clean_auc);
  return html_card("Under interference", html_tag("table", rows)) +
         html_card("AUC over the level of interference; level 0 is the clean set",
                   html_tag("div class=\"panels\"", panels));
}

}  // namespace rc
