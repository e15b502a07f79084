#include "train/calibration.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"

namespace rc {
namespace {

// The edges between bins, rounded as numpy.linspace rounds them.
std::array<double, kReliabilityBins - 1> inner_edges() {
  std::array<double, kReliabilityBins - 1> edges;
  for (int b = 1; b < kReliabilityBins; ++b) edges[size_t(b - 1)] = b * (1.0 / kReliabilityBins);
  return edges;
}

}  // namespace

Calibration calibrate(std::span<const double> score, std::span<const int> label) {
  check(!score.empty() && score.size() == label.size(), "as many labels as scores", "calibration");
  static const auto edges = inner_edges();
  const double n = double(score.size());
  Calibration out;
  for (size_t i = 0; i < score.size(); ++i) {
    ReliabilityBin& bin = out.bins[size_t(std::ranges::lower_bound(edges, score[i]) - edges.begin())];
    ++bin.count, bin.mean_score += score[i], bin.fake_share += label[i];  // sums, until all are counted
    out.brier += (score[i] - label[i]) * (score[i] - label[i]);
    const double kept = std::clamp(score[i], 0x1p-52, 1 - 0x1p-52);
    out.nll -= std::log(label[i] == 1 ? kept : 1 - kept);
  }
  out.brier /= n, out.nll /= n;
  for (ReliabilityBin& bin : out.bins) {
    out.ece += std::abs(bin.mean_score - bin.fake_share) / n;
    if (bin.count > 0) bin.mean_score /= double(bin.count), bin.fake_share /= double(bin.count);
  }
  return out;
}

}  // namespace rc
