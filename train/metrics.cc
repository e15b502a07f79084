#include "train/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/error.h"
#include "train/video_bootstrap.h"

namespace rc {
namespace {

// Fakes (true) and reals (false) at or above one distinct score.
struct Cumulative {
  double threshold;
  int64_t tp, fp;
};

void check_scores(std::span<const double> score, std::span<const int> label) {
  check(score.size() == label.size(), "as many labels as scores", "metrics");
  for (size_t i = 0; i < score.size(); ++i) {
    check(label[i] == 0 || label[i] == 1, "labels are 0 or 1", "metrics");
    if (std::isnan(score[i]))
      throw Error(Exit::numerical, "a score is NaN", "row " + std::to_string(i) + " of the predictions");
  }
}

std::vector<size_t> by_falling_score(std::span<const double> score) {
  std::vector<size_t> order(score.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return score[a] > score[b]; });
  return order;
}

std::vector<Cumulative> cumulate(std::span<const double> score, std::span<const int> label) {
  std::vector<Cumulative> out;
  int64_t tp = 0, fp = 0;
  for (size_t i : by_falling_score(score)) {
    (label[i] == 1 ? tp : fp) += 1;
    if (out.empty() || out.back().threshold != score[i]) out.push_back({score[i], 0, 0});
    out.back().tp = tp, out.back().fp = fp;
  }
  return out;
}

std::vector<RocPoint> roc_of(const std::vector<Cumulative>& steps) {
  const double fake = double(steps.back().tp), real = double(steps.back().fp);
  std::vector<RocPoint> roc = {{0, 0, std::numeric_limits<double>::infinity()}};
  for (size_t i = 0; i < steps.size(); ++i) {
    // As scikit-learn drops them: where the counts grow by the same steps before and after.
    const bool inner = i > 0 && i + 1 < steps.size();
    if (inner && steps[i + 1].tp - steps[i].tp == steps[i].tp - steps[i - 1].tp &&
        steps[i + 1].fp - steps[i].fp == steps[i].fp - steps[i - 1].fp)
      continue;
    roc.push_back({double(steps[i].fp) / real, double(steps[i].tp) / fake, steps[i].threshold});
  }
  return roc;
}

// Twice the area in counts is a whole number, so the AUC has one rounding.
double auc_of(const std::vector<Cumulative>& steps) {
  int64_t twice = 0, tp = 0, fp = 0;
  for (const Cumulative& s : steps) {
    twice += (s.fp - fp) * (s.tp + tp);
    tp = s.tp, fp = s.fp;
  }
  return double(twice) / (2.0 * double(tp) * double(fp));
}

// In double arithmetic, as numpy's argmin sees it.
double eer_of(const std::vector<RocPoint>& roc) {
  double smallest = std::numeric_limits<double>::infinity(), eer = 0;
  for (const RocPoint& p : roc)
    if (const double gap = std::abs((1 - p.tpr) - p.fpr); gap < smallest) smallest = gap, eer = p.fpr;
  return eer;
}

double eer_interp_of(const std::vector<RocPoint>& roc) {
  for (size_t i = 1; i < roc.size(); ++i) {
    const double before = 1 - roc[i - 1].tpr - roc[i - 1].fpr, after = 1 - roc[i].tpr - roc[i].fpr;
    if (after <= 0) return roc[i - 1].fpr + (roc[i].fpr - roc[i - 1].fpr) * before / (before - after);
  }
  return 1;
}

double ap_of(const std::vector<Cumulative>& steps) {
  double ap = 0;
  int64_t tp = 0;
  for (const Cumulative& s : steps) {
    ap += double(s.tp - tp) / double(steps.back().tp) * double(s.tp) / double(s.tp + s.fp);
    tp = s.tp;
  }
  return ap;
}

DetectionRate tdr_of(const std::vector<Cumulative>& steps, double fpr) {
  const auto within = [&](int64_t reals) { return double(reals) / double(steps.back().fp) <= fpr; };
  DetectionRate rate;
  for (const Cumulative& s : steps)
    if (within(s.fp)) rate.tdr = double(s.tp) / double(steps.back().tp);
  while (within(rate.reals + 1)) ++rate.reals;
  return rate;
}

}  // namespace

Metrics compute_metrics(std::span<const double> score, std::span<const int> label) {
  check_scores(score, label);
  Metrics m;
  m.count = int64_t(score.size());
  m.fake = std::count(label.begin(), label.end(), 1);
  m.real = m.count - m.fake;
  if (m.count > 0) {
    int64_t right = 0;
    for (size_t i = 0; i < score.size(); ++i) right += int(score[i] > 0.5) == label[i];
    m.acc = double(right) / double(m.count);
    if (std::ranges::all_of(score, [](double s) { return s >= 0 && s <= 1; }))
      m.calibration = calibrate(score, label);
  }
  if (m.real == 0 || m.fake == 0) {
    m.reason = m.count == 0 ? "empty" : m.real == 0 ? "no real one" : "no fake one";
    return m;
  }
  const std::vector<Cumulative> steps = cumulate(score, label);
  const std::vector<RocPoint> roc = roc_of(steps);
  m.auc = auc_of(steps);
  m.eer = eer_of(roc);
  m.eer_interp = eer_interp_of(roc);
  m.ap = ap_of(steps);
  m.tdr_1e2 = tdr_of(steps, 1e-2);
  m.tdr_1e3 = tdr_of(steps, 1e-3);
  return m;
}

std::vector<RocPoint> roc_curve(std::span<const double> score, std::span<const int> label) {
  check_scores(score, label);
  const int64_t fake = std::count(label.begin(), label.end(), 1);
  if (fake == 0 || fake == int64_t(label.size())) return {};
  return roc_of(cumulate(score, label));
}

std::optional<Interval> bootstrap_auc(std::span<const double> score, std::span<const int> label,
                                      std::span<const int> video, uint64_t seed, int resamples) {
  check_scores(score, label);
  check(score.size() == video.size() && resamples > 0, "a video for each score", "bootstrap");
  const VideoDraw draw(label, video);
  if (!draw.both_classes()) return std::nullopt;
  const RankedScores ranked(score, label, video);
  std::vector<double> aucs;
  for (int r = 0; r < resamples; ++r) aucs.push_back(ranked.auc(draw.times(seed, r)));
  return percentile_interval(std::move(aucs));
}

}  // namespace rc
