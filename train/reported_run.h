// A run as its report reads it: what was asked, what ran, how it does on each set.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/plot.h"

namespace rc {

struct ReportedSet {
  std::string name;
  std::filesystem::path folder;    // eval/<name>
  nlohmann::ordered_json results;  // results.json
};

struct ReportedRun {
  std::filesystem::path folder;
  std::string name;                       // the folder's
  nlohmann::ordered_json config, record;  // config.json; run.json, or an empty object
  std::vector<ReportedSet> sets;          // by name
};

// Throws Error(data) where `folder` holds no run or one of these files is damaged.
ReportedRun read_reported_run(const std::filesystem::path& folder);

// Every series of metrics.jsonl whose name is among `names`, over the step, in the order of the file; a name
// that begins with '*' stands for all with that ending, one that ends with it for all with that beginning.
std::vector<Series> logged_series(const ReportedRun&, const std::vector<std::string>& names);
// A column of metrics.csv over the step; no points where there is none.
Series epoch_series(const ReportedRun&, const std::string& column);

double json_number(const nlohmann::ordered_json&);  // NaN for what is no number

constexpr int kSeriesColours = 6;
inline int series_colour(size_t i) { return int(i % kSeriesColours) + 1; }

}  // namespace rc
