// Several test sets evaluated together: their mean, their common record, and what an earlier evaluation says.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "train/evaluation.h"
#include "train/expectation.h"
#include "train/table.h"

namespace rc {

// "avg": every metric as the unweighted mean over sets, the counts as sums. What is not defined for one of
// them is not for the mean, and the reason names the set.
Level mean_level(std::span<const Evaluation>);

// {"protocol": ..., "sets": {NAME: {"all": ...}}, "avg": ...}
nlohmann::ordered_json summary_json(std::span<const Evaluation>);

// Writes summary.json and, where there is robustness, robustness.svg of all sets into `folder`.
void write_summary(const std::filesystem::path& folder, std::span<const Evaluation>);

struct ComparedNumber {
  std::string set, what;  // "frames auc", "A videos eer", "jpeg 3 frame_auc"
  std::optional<double> expected, got;
  bool agrees = false;  // they differ by at most the tolerance, or neither is defined
};

std::vector<ComparedNumber> compare(const Expectation&, std::span<const Evaluation>, double tolerance);

// expected, got, difference; a row a number.
Table comparison_table(std::span<const ComparedNumber>);

// Throws Error(check) that names every number that deviates.
void demand_agreement(std::span<const ComparedNumber>, const std::string& file, double tolerance);

// "resampling: "cv2-cubic" there, "pil-bilinear" here", a line each; what can explain a deviation.
std::vector<std::string> protocol_differences(const Expectation&, std::span<const Evaluation>);

}  // namespace rc
