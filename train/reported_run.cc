#include "train/reported_run.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"
#include "engine/file.h"
#include "train/csv_table.h"
#include "train/shallow_json.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

Json read_json(const fs::path& path) {
  Json json = parse_shallow_json(read_file(path));
  if (!json.is_object()) throw Error(Exit::data, "damaged file " + path.string(), "not a JSON object");
  return json;
}

bool stands_for(const std::string& pattern, const std::string& name) {
  if (pattern.starts_with("*")) return name.ends_with(pattern.substr(1));
  if (pattern.ends_with("*")) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

}  // namespace

ReportedRun read_reported_run(const fs::path& folder) {
  if (!fs::exists(folder / "config.json"))
    throw Error(Exit::data, "no run in " + folder.string(), "it has no config.json",
                "give the folder that training wrote, as runs/NAME");
  ReportedRun run{folder,
                  (fs::absolute(folder) / "").lexically_normal().parent_path().filename().string(),
                  read_json(folder / "config.json"),
                  fs::exists(folder / "run.json") ? read_json(folder / "run.json") : Json::object(),
                  {}};
  if (fs::is_directory(folder / "eval"))
    for (const auto& entry : fs::directory_iterator(folder / "eval"))
      if (fs::exists(entry.path() / "results.json"))
        run.sets.push_back({entry.path().filename().string(), entry.path(), Json()});
  std::ranges::sort(run.sets, {}, &ReportedSet::name);
  for (ReportedSet& set : run.sets) set.results = read_json(set.folder / "results.json");
  return run;
}

std::vector<Series> logged_series(const ReportedRun& run, const std::vector<std::string>& names) {
  std::vector<Series> out;
  const fs::path path = run.folder / "metrics.jsonl";
  if (!fs::exists(path)) return out;
  const std::string text = read_file(path);
  for (size_t from = 0, end; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
    const Json row = parse_shallow_json(std::string_view(text).substr(from, end - from));
    if (!row.is_object() || !row.contains("step"))
      throw Error(Exit::data, "damaged file " + path.string(), "a line is not a row with a step");
    for (const auto& item : row.items()) {
      const std::string& name = item.key();
      if (std::ranges::none_of(names, [&](const std::string& p) { return stands_for(p, name); })) continue;
      auto series = std::ranges::find(out, name, &Series::name);
      if (series == out.end()) series = out.insert(out.end(), {name, {}, series_colour(out.size())});
      series->points.emplace_back(json_number(row["step"]), json_number(item.value()));
    }
  }
  return out;
}

Series epoch_series(const ReportedRun& run, const std::string& column) {
  Series series{column, {}, 1};
  const CsvTable epochs(run.folder / "metrics.csv");
  if (std::ranges::find(epochs.names, column) == epochs.names.end()) return series;
  const size_t step = epochs.column("step"), value = epochs.column(column);
  for (const auto& row : epochs.rows)
    series.points.emplace_back(csv_number(row[step]), csv_number(row[value]));
  return series;
}

double json_number(const Json& json) { return json.is_number() ? json.get<double>() : NAN; }

}  // namespace rc
