// Whether a score of 0.8 is fake in 80 of 100 cases.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace rc {

inline constexpr int kReliabilityBins = 15;

// The scores in ((b - 1) / 15, b / 15], the first bin with 0; scikit-learn's calibration_curve, uniform.
struct ReliabilityBin {
  int64_t count = 0;
  double mean_score = 0, fake_share = 0;  // 0 in an empty bin
};

struct Calibration {
  // Expected calibration error: mean over scores of |mean score - share of fakes| of their bin (Naeini et
  // al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015; 15 bins as Guo et al.,
  // "On calibration of modern neural networks", ICML 2017).
  double ece = 0;
  // Mean of (score - label)^2 (Brier, "Verification of forecasts expressed in terms of probability", 1950).
  double brier = 0;
  // Mean of -ln of the probability that the label got, kept within [2^-52, 1 - 2^-52] as scikit-learn does.
  double nll = 0;
  std::array<ReliabilityBin, kReliabilityBins> bins;
};

// Scores are P(fake) in [0, 1], labels 0 or 1; both [N], N > 0.
Calibration calibrate(std::span<const double> score, std::span<const int> label);

}  // namespace rc
