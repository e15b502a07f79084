// Whether P(fake) means what it says: a reliability diagram.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "train/reported_run.h"

namespace rc {

// The share of fakes among frames whose P(fake) lies in one of ten equal bins, over their mean P(fake).
struct ReliabilityBin {
  int count = 0;
  double mean_score = 0, share_of_fakes = 0;
};
std::vector<ReliabilityBin> reliability(std::span<const double> prob_fake, std::span<const int> label);

// The diagram of predictions.csv, with the numbers of results.json's "calibration" where it has any; empty
// without predictions.
std::string calibration_card(const ReportedSet&);

}  // namespace rc
