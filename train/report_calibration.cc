#include "train/report_calibration.h"

#include <algorithm>
#include <cmath>

#include "train/csv_table.h"
#include "train/html.h"
#include "train/table.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kBins = 10;

// "ece 0.0312, brier 0.1203": whatever numbers stand there, one by one.
std::string numbers(const Json& calibration) {
  std::string out;
  for (const auto& [name, value] : calibration.items())
    if (value.is_number()) out += (out.empty() ? "" : ", ") + name + " " + fixed(value.get<double>(), 4);
  return out;
}

}  // namespace

std::vector<ReliabilityBin> reliability(std::span<const double> prob_fake, std::span<const int> label) {
  std::vector<ReliabilityBin> bins(kBins);
  for (size_t i = 0; i < prob_fake.size(); ++i) {
    ReliabilityBin& bin = bins[std::min(size_t(std::max(prob_fake[i], 0.0) * kBins), kBins - 1)];
    ++bin.count, bin.mean_score += prob_fake[i], bin.share_of_fakes += label[i];
  }
  for (ReliabilityBin& bin : bins)
    if (bin.count > 0) bin.mean_score /= bin.count, bin.share_of_fakes /= bin.count;
  return bins;
}

std::string calibration_card(const ReportedSet& set) {
  const CsvTable predictions(set.folder / "predictions.csv");
  if (predictions.rows.empty()) return {};
  const size_t score_column = predictions.column("prob_fake"), label_column = predictions.column("label");
  std::vector<double> score;
  std::vector<int> label;
  for (const auto& row : predictions.rows)
    if (const double value = csv_number(row[score_column]); std::isfinite(value))
      score.push_back(value), label.push_back(row[label_column] == "1");
  Series share{"share of fakes", {}, 1}, part{"share of all frames", {}, 3};
  for (const ReliabilityBin& bin : reliability(score, label)) {
    if (bin.count == 0) continue;
    share.points.emplace_back(bin.mean_score, bin.share_of_fakes);
    part.points.emplace_back(bin.mean_score, double(bin.count) / double(score.size()));
  }
  std::string note = "Ten equal bins of P(fake). On the dashed line P(fake) is the share of fakes.";
  if (set.results.contains("calibration") && set.results["calibration"].is_object())
    if (const std::string text = numbers(set.results["calibration"]); !text.empty()) note += " " + text + ".";
  return html_card("Calibration of frames", line_chart({share, part}, {"mean P(fake) of a bin", 0, 1},
                                                       {"share", 0, 1}, {500, 420, true}) +
                                                html_tag("p class=\"note\"", html_escape(note)));
}

}  // namespace rc
