// Resampling of whole videos, real and fake ones apart: what the intervals of an AUC and of a difference of
// AUCs share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "train/metrics.h"

namespace rc {

// How often each video comes in a resample. Real and fake videos are drawn separately, as many as there are.
class VideoDraw {
 public:
  // Of score i the label and the video, numbered from 0; all scores of a video have one label.
  VideoDraw(std::span<const int> label, std::span<const int> video);

  bool both_classes() const { return !videos_[0].empty() && !videos_[1].empty(); }
  // By video; depends on (seed, resample) alone.
  std::vector<int64_t> times(uint64_t seed, int resample) const;
  std::vector<int64_t> once() const { return std::vector<int64_t>(count_, 1); }  // the set itself

 private:
  std::vector<int> videos_[2];  // of each class
  size_t count_ = 0;
};

// Scores in their order, which is that of every resample.
class RankedScores {
 public:
  RankedScores(std::span<const double> score, std::span<const int> label, std::span<const int> video);
  // The AUC when each score counts as often as its video.
  double auc(std::span<const int64_t> times) const;

 private:
  struct Ranked {
    int video;
    bool fake, last_of_ties;
  };
  std::vector<Ranked> ranked_;  // by falling score
};

// The 2.5th and 97.5th percentile, between values by linear interpolation (numpy's default).
Interval percentile_interval(std::vector<double> values);

}  // namespace rc
