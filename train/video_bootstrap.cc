#include "train/video_bootstrap.h"

#include <algorithm>
#include <numeric>

#include "engine/error.h"
#include "engine/rng.h"

namespace rc {
namespace {

double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * double(sorted.size() - 1);
  const size_t i = std::min(size_t(at), sorted.size() - 1), next = std::min(i + 1, sorted.size() - 1);
  return sorted[i] + (sorted[next] - sorted[i]) * (at - double(i));
}

}  // namespace

VideoDraw::VideoDraw(std::span<const int> label, std::span<const int> video) {
  check(label.size() == video.size(), "a video for each score", "bootstrap");
  for (int v : video) {
    check(v >= 0, "videos are numbered from 0", "bootstrap");
    count_ = std::max(count_, size_t(v) + 1);
  }
  std::vector<int> label_of(count_, -1);
  for (size_t i = 0; i < label.size(); ++i) {
    int& known = label_of[size_t(video[i])];
    check(known == -1 || known == label[i], "all frames of a video have one label", "bootstrap");
    known = label[i];
  }
  for (size_t v = 0; v < count_; ++v)
    if (label_of[v] >= 0) videos_[label_of[v]].push_back(int(v));
}

std::vector<int64_t> VideoDraw::times(uint64_t seed, int resample) const {
  Rng rng(seed, Purpose::bootstrap, uint32_t(resample));
  std::vector<int64_t> times(count_);
  for (const std::vector<int>& of_class : videos_)
    for (size_t i = 0; i < of_class.size(); ++i)
      ++times[size_t(of_class[rng.below(uint32_t(of_class.size()))])];
  return times;
}

RankedScores::RankedScores(std::span<const double> score, std::span<const int> label,
                           std::span<const int> video) {
  check(score.size() == label.size() && score.size() == video.size(), "a label and a video for each score");
  std::vector<size_t> order(score.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return score[a] > score[b]; });
  for (size_t n = 0; n < order.size(); ++n) {
    const size_t i = order[n];
    ranked_.push_back({video[i], label[i] == 1, n + 1 == order.size() || score[order[n + 1]] != score[i]});
  }
}

// Twice the area in counts is a whole number, so the AUC has one rounding.
double RankedScores::auc(std::span<const int64_t> times) const {
  int64_t twice = 0, tp = 0, fp = 0, tied_tp = 0, tied_fp = 0;
  for (const Ranked& r : ranked_) {
    (r.fake ? tied_tp : tied_fp) += times[size_t(r.video)];
    if (!r.last_of_ties) continue;
    twice += tied_fp * (2 * tp + tied_tp);
    tp += tied_tp, fp += tied_fp, tied_tp = tied_fp = 0;
  }
  return double(twice) / (2.0 * double(tp) * double(fp));
}

Interval percentile_interval(std::vector<double> values) {
  check(!values.empty(), "an interval has values", "bootstrap");
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.025), quantile(values, 0.975)};
}

}  // namespace rc
