// The numbers of an evaluation, as scikit-learn and DeepfakeBench define them: ROC, AUC, EER, AP, accuracy of
// frames and of videos. What is not defined (one class only) is null with a reason, never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "train/calibration.h"

namespace rc {

// A vertex of the ROC curve: what calling "fake" every score >= threshold gives.
struct RocPoint {
  double fpr = 0, tpr = 0;
  double threshold = 0;  // +infinity at (0, 0)
};

// The highest TPR among thresholds whose FPR is at most a given one, every distinct score being a threshold.
// `reals` says what stands behind it: how many real ones that FPR lets through at most; 0 is not one.
struct DetectionRate {
  double tdr = 0;
  int64_t reals = 0;
};

struct Metrics {
  int64_t count = 0, real = 0, fake = 0;
  std::optional<double> auc;  // area under the ROC = Mann-Whitney, ties count one half
  std::optional<double>
      eer;  // FPR at the ROC vertex of smallest |FNR - FPR|, the first on ties (DeepfakeBench)
  std::optional<double> eer_interp;               // where FNR and FPR cross on the piecewise-linear ROC
  std::optional<double> ap;                       // sum of (R_n - R_{n-1}) P_n over distinct thresholds
  std::optional<double> acc;                      // mean of (score > 0.5) == label
  std::optional<DetectionRate> tdr_1e2, tdr_1e3;  // at FPR 1e-2 and 1e-3
  std::optional<Calibration> calibration;         // null where a score is no probability
  std::string reason;                             // why the ranking metrics are null; else empty
};

struct Interval {
  double low = 0, high = 0;
};

// Scores are P(fake), labels 0 real or 1 fake; both [N]. Throws Error(numerical) for a NaN score.
Metrics compute_metrics(std::span<const double> score, std::span<const int> label);

// The ROC's vertices from (0, 0) to (1, 1) with scikit-learn's drop of collinear points; empty for one class
// only.
std::vector<RocPoint> roc_curve(std::span<const double> score, std::span<const int> label);

// 95 % percentile interval of the AUC under resampling of whole videos (video[i] in [0, videos): scores of
// one video stay together), stratified: real and fake videos are drawn separately, as many as there are, so
// each resample has both classes. Null when a class is missing. Resample r depends on (seed, r) alone.
std::optional<Interval> bootstrap_auc(std::span<const double> score, std::span<const int> label,
                                      std::span<const int> video, uint64_t seed, int resamples = 1000);

}  // namespace rc
