// How a detector does on one set: table by forgery method, ROC, scores, calibration, interference.
#pragma once

#include <span>
#include <string>

#include "train/reported_run.h"

namespace rc {

std::string evaluation_section(const ReportedSet&);

// The ROC of one level ("frames" or "videos") of a set, as roc.csv has it; no points where there is none.
Series roc_series(const ReportedSet&, const std::string& level);
std::string roc_chart(const std::vector<Series>&);

// AUC with the interval of results.json's "auc_ci95" as a mark and in numbers, for a table's cell.
std::string interval_cell(const nlohmann::ordered_json& level);

}  // namespace rc
