// Whether two detectors differ on the same videos, and how far one's own figure strays.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "train/metrics.h"

namespace rc {

// One scoring of the set and what its AUC weighs in the detector's figure: 1 / n for n seeds of training,
// less where several kinds of interference are averaged.
struct WeightedScores {
  std::vector<double> score;
  double weight = 1;
};

struct PairedDifference {
  double difference = 0;  // of the figures, a - b
  Interval ci;            // 95 %, by percentiles
  bool shown() const { return ci.low > 0 || ci.high < 0; }
};

// The difference of two detectors' figures, sums of weight * AUC, and its interval under resampling of whole
// videos as bootstrap_auc draws them. A resample is drawn once for all scorings of both, which keeps the
// pairing: what makes a video hard is hard for both. label[i] and video[i] are those of score i in every
// scoring. Null when a class is missing. Depends on the seed alone, not on threads.
std::optional<PairedDifference> paired_bootstrap(std::span<const WeightedScores> a,
                                                 std::span<const WeightedScores> b,
                                                 std::span<const int> label, std::span<const int> video,
                                                 uint64_t seed, int resamples = 1000);

// The 95 % percentile interval of one detector's figure, under the same resamples.
std::optional<Interval> bootstrap_figure(std::span<const WeightedScores>, std::span<const int> label,
                                         std::span<const int> video, uint64_t seed, int resamples = 1000);

}  // namespace rc
