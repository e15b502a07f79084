#include "train/report.h"

#include <algorithm>
#include <optional>

#include "engine/error.h"
#include "engine/file.h"
#include "train/html.h"
#include "train/report_comparison.h"
#include "train/report_evaluation.h"
#include "train/report_inspection.h"
#include "train/report_style.h"
#include "train/report_training.h"
#include "train/reported_run.h"
#include "train/table.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

// Every value of an object by its dotted key.
std::string facts(const Json& object) {
  std::string rows;
  const Json flat = object.empty() ? object : object.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    std::string key = pointer.substr(1);
    std::ranges::replace(key, '/', '.');
    const std::string text = value.is_string()       ? value.get<std::string>()
                             : value.is_structured() ? "–"
                                                     : value.dump();
    rows += html_row({html_escape(key), html_escape(text.empty() ? "–" : text)});
  }
  return html_tag("table class=\"facts\"", rows);
}

std::string head_line(const ReportedRun& run) {
  const Json &config = run.config, &record = run.record;
  const std::string status =
      !record.contains("exit_status") || record["exit_status"].is_null() ? "not finished"
      : record["exit_status"] == 0                                       ? "finished"
                                   : "ended with exit status " + record["exit_status"].dump();
  return config.value("/model/name"_json_pointer, "") + ", objective " +
         config.value("/loss/objective"_json_pointer, "") + ", seed " + config.value("seed", Json()).dump() +
         " · " + status + " · " + record.value("device", "device unknown");
}

std::string tiles(const ReportedRun& run) {
  std::string out;
  for (const ReportedSet& set : run.sets) {
    const Json& all = set.results.at("all");
    const std::string of = " on " + set.name;
    out += html_tile(fixed(json_number(all.at("frames").at("auc")), 4), "frame AUC" + of) +
           html_tile(fixed(json_number(all.at("videos").at("auc")), 4), "video AUC" + of) +
           html_tile(fixed(json_number(all.at("frames").at("eer")), 4), "frame EER" + of);
  }
  return out.empty() ? "" : html_tag("div class=\"tiles\"", out) + "\n";
}

// What it sees in its sets; the detector is loaded once for all.
std::string inspections(const ReportedRun& run, const ReportOptions& options) {
  constexpr int64_t kBatch = 32;
  std::string out;
  std::optional<LoadedDetector> detector;
  for (const ReportedSet& set : run.sets) {
    if (!detector) detector.emplace(run.folder, options.device, options.threads, kBatch, true);
    out += inspection_section(set.name, inspect_set(*detector, run, set));
  }
  return out;
}

std::string results_of(const ReportedRun& run, const ReportOptions& options) {
  std::string out;
  for (const ReportedSet& set : run.sets) out += evaluation_section(set);
  return out + (options.images ? inspections(run, options) : "") + training_section(run);
}

std::string provenance(const ReportedRun& run) {
  return html_tag("h2", "Provenance") +
         html_tag("div class=\"columns\"",
                  html_card("Configuration", facts(run.config)) + html_card("Run", facts(run.record))) +
         "\n";
}

std::string one_run(const ReportedRun& run, const ReportOptions& options) {
  return html_tag("h1", html_escape(run.name)) + html_tag("p class=\"soft\"", html_escape(head_line(run))) +
         tiles(run) + results_of(run, options) + provenance(run);
}

std::string several_runs(std::span<const ReportedRun> runs, const ReportOptions& options) {
  std::string contents, parts;
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::string id = "run-" + std::to_string(i + 1);
    contents += html_row({html_tag("i class=\"key key-" + std::to_string(series_colour(i)) + "\"", "") +
                              html_tag("a href=\"#" + id + "\"", html_escape(runs[i].name)),
                          html_escape(head_line(runs[i]))});
    parts += html_tag("article id=\"" + id + "\"", one_run(runs[i], options)) + "\n";
  }
  return html_tag("h1", std::to_string(runs.size()) + " runs") +
         html_card("", html_tag("table class=\"contents\"", contents)) + comparison_section(runs) +
         training_section(runs) + parts;
}

// As many of the last parts of their paths as it takes to tell the runs apart.
void name_apart(std::vector<ReportedRun>& runs) {
  for (const ReportedRun& run : runs)
    if (std::ranges::count(runs, run.name, &ReportedRun::name) > 1) {
      for (ReportedRun& each : runs) each.name = each.folder.string();
      return;
    }
}

}  // namespace

std::string report_html(std::span<const fs::path> folders, const ReportOptions& options) {
  check(!folders.empty(), "a report of no run");
  std::vector<ReportedRun> runs;
  for (const fs::path& folder : folders) runs.push_back(read_reported_run(folder));
  name_apart(runs);
  try {
    const std::string title = runs.size() == 1 ? runs[0].name : std::to_string(runs.size()) + " runs";
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
           "<meta name=\"color-scheme\" content=\"light dark\"><title>" +
           html_escape(title) + " – realcentric</title><style>" + kReportStyle +
           "</style></head><body><main>\n" +
           (runs.size() == 1 ? one_run(runs[0], options) : several_runs(runs, options)) +
           "</main></body></html>\n";
  } catch (const Json::exception& e) {
    throw Error(Exit::data,
                "damaged results of the run " + folders.front().string() +
                    (folders.size() > 1 ? " or one of the others" : ""),
                e.what());
  }
}

void write_report(const fs::path& run) { write_file(run / "report.html", report_html({&run, 1})); }

}  // namespace rc
