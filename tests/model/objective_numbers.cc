// Numbers, of objective_check.h.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/model/objective_check.h"

namespace rc {
namespace {

using reference::Vector;

// The slope of the arc margin goes with 1 / sqrt(1 - s^2): of nearly parallel rows it is rounding.
bool arc_is_resolved(const ReferenceStep& step) {
  if (step.objective.margin == reference::Margin::cos) return true;
  const Vector hard = hard_positives(step.objective, step.z, step.constants);
  Vector rows = step.z;
  rows.insert(rows.end(), hard.begin(), hard.end());
  const int64_t dim = step.constants.dim, count = int64_t(rows.size()) / dim,
                batch = int64_t(step.labels.size());
  for (int64_t i = 0; i < count; ++i)
    for (int64_t k = 0; k < std::min(i, batch); ++k) {
      if (i >= batch && step.objective.positives[size_t(i - batch)].source == k) continue;
      const double s = std::inner_product(&rows[size_t(i * dim)], &rows[size_t(i * dim)] + dim,
                                          &rows[size_t(k * dim)], 0.0);
      if (1 - std::abs(s) < 20 * cosine_error(dim)) return false;
    }
  return true;
}

// Anchors with a positive; those without are left out.
int count_anchors(const ReferenceStep& step, const ObjectiveOutcome& out, Problems& problems) {
  int counted = 0, left_out = 0;
  const auto& hard = step.objective.positives;
  const bool anchors = step.objective.role == reference::Role::anchor;
  const auto count = [&](int source) {
    const int label = step.labels[size_t(source)];
    auto positives = std::count(step.labels.begin(), step.labels.end(), label) - 1;
    for (const auto& p : hard)
      positives += !anchors && p.source != source && step.labels[size_t(p.source)] == label;
    ++(positives > 0 ? counted : left_out);
  };
  for (int i = 0; i < int(step.labels.size()); ++i) count(i);
  for (const auto& p : hard)
    if (anchors) count(p.source);
  problems.expect(out.result[kCountedAnchors] == float(counted), "how many anchors count");
  problems.expect(out.result[kLeftOutAnchors] == float(left_out), "how many anchors are left out");
  return counted;
}

}  // namespace

bool check_numbers(const ReferenceStep& ref, const ObjectiveStep& step, const ObjectiveOutcome& out,
                   Problems& problems) {
  if (ref.tie() || !arc_is_resolved(ref)) return false;

  const reference::LossGradient truth = reference::objective(ref.objective, ref.v, ref.labels, ref.constants);
  const int counted = count_anchors(ref, out, problems);
  const ObjectiveTolerance tolerance = tolerance_of(ref, truth, counted);
  problems.expect_near("the loss", double(out.result[kContrastiveLoss]), truth.loss, tolerance.loss);
  double worst = 0;
  for (size_t i = 0; i < out.dv.size(); ++i) {
    const double off = std::abs(double(out.dv[i]) - double(step.weight) * truth.gradient[i]);
    worst = std::isfinite(off) ? std::max(worst, off) : INFINITY;
  }
  problems.expect_near("distance of the gradient", worst, 0, double(step.weight) * tolerance.gradient);
  return true;
}

}  // namespace rc
