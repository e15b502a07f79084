// Runs on one page: what was asked, how they learned, how they do on each set. One HTML file without scripts,
// readable offline, on a phone, in the dark and on paper.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace rc {

struct ReportOptions {
  bool images = false;          // run the detectors over the sets' images: maps of embeddings, hardest cases
  std::string device = "auto";  // for that, as open_device takes it
  int threads = 0;
};

// Reads config.json, run.json, metrics.jsonl, metrics.csv and eval/* of each run (at least one); what a run
// does not have (yet) is left out. Several are compared first. The same runs give the same bytes. Throws
// Error(data) where a folder holds no run or one of its files is damaged.
std::string report_html(std::span<const std::filesystem::path> runs, const ReportOptions& = {});

// The report of one run without images, as training leaves it: <run>/report.html.
void write_report(const std::filesystem::path& run);

}  // namespace rc
