// A run on one page: what was asked, how it learned, how it does on each set. One HTML file without scripts,
// readable offline.
#pragma once

#include <filesystem>
#include <string>

namespace rc {

// Reads config.json, run.json, metrics.jsonl, metrics.csv and eval/*; what a run does not have (yet) is left
// out. The same run gives the same bytes. Throws Error(data) where `run` holds no run or one of its files is
// damaged.
std::string report_html(const std::filesystem::path& run);

// Writes it to <run>/report.html.
void write_report(const std::filesystem::path& run);

}  // namespace rc
