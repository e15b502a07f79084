// The reference's side of objective_check.h.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "engine/rng.h"
#include "kernels/synthesis.h"
#include "tests/model/objective_check.h"

namespace rc {
namespace {

using reference::Vector;

constexpr double kUnit = 0x1p-24;

Vector wide(const std::vector<float>& x) { return {x.begin(), x.end()}; }

// Centres of the batch's rows and of the queue's.
std::vector<int> all_centres_of(const ObjectiveSetup& s, const reference::Centres& centres, const Vector& z,
                                const Vector& queue, double& margin) {
  const double same = 2 * cosine_error(s.dim);  // two of them make the same keys, whichever it is
  std::vector<int> of = s.keys.centre_per_view
                            ? reference::centres_of_views(int(s.batch), int(s.keys.centres))
                            : nearest_centres(centres, z, margin, same);
  const std::vector<int> queued = nearest_centres(centres, queue, margin, same);
  of.insert(of.end(), queued.begin(), queued.end());
  return of;
}

}  // namespace

bool ReferenceStep::tie() const { return margin < 2 * cosine_error(constants.dim); }

double cosine_error(int64_t dim) { return (2 * double(dim) + 6) * kUnit; }

Vector rounded(Vector x, int64_t dim, uint32_t trial) {
  Rng rng(71, Purpose::test, trial, uint32_t(x.size()));
  for (double& value : x) value *= 1 + (rng.coin(.5f) ? 1 : -1) * double(dim) * kUnit;
  return x;
}

reference::Centres reference_centres(const ObjectiveSetup& s, const ObjectiveState& state) {
  return {int(s.dim), wide(state.centre), {state.started.begin(), state.started.end()}};
}

ReferenceStep reference_step(const ObjectiveSetup& s, const ObjectiveStep& step,
                             const ObjectiveOutcome& out) {
  ReferenceStep r;
  r.v = wide(step.v), r.z = reference::l2_normalise(int(s.dim), r.v);
  r.labels.assign(step.label.begin(), step.label.end());
  const Vector places = wide(out.before.queue);
  const Vector queue(places.begin(), places.begin() + out.before.queued * s.dim);
  const reference::Centres centres = reference_centres(s, out.after);
  r.constants = {int(s.dim), centres.at, all_centres_of(s, centres, r.z, queue, r.margin), queue};

  reference::Objective& o = r.objective;
  o.form = s.loss.form == ContrastiveForm::joint ? reference::Form::d1 : reference::Form::d2;
  o.margin = s.loss.margin == Margin::cosine ? reference::Margin::cos : reference::Margin::arc;
  o.m = double(s.loss.m), o.tau = double(s.loss.temperature);
  o.role = s.keys.positives_anchor ? reference::Role::anchor : reference::Role::key;
  o.detach_positives = s.keys.detach_positives, o.detach_negatives = s.keys.detach_negatives;
  if (s.tuples) o.tuple.assign(step.tuple.begin(), step.tuple.end());
  o.w = double(s.loss.tuple_weight), o.nu = double(s.loss.tuple_factor);
  for (int64_t k = 0; k < int64_t(out.weight.size()); ++k) {
    const int x = out.rows[size_t(2 * k)], y = out.rows[size_t(2 * k + 1)];
    const double w = double(out.weight[size_t(k)]);
    if (x == kUnused) continue;
    if (k < out.positives) {
      o.positives.push_back({x, w, s.keys.extrapolation == Extrapolation::geodesic});
    } else {
      const int owner =
          out.owner.empty() ? reference::FusedNegative::everyone : out.owner[size_t(k - out.positives)];
      if (y == kCentre)
        o.negatives.push_back({reference::FusedNegative::centre, x, 1 - w, owner});
      else
        o.negatives.push_back({x, y, w, owner});
    }
  }
  return r;
}

ObjectiveTolerance tolerance_of(const ReferenceStep& step, const reference::LossGradient& truth,
                                int counted) {
  const reference::Objective& o = step.objective;
  const double synthetic = double(o.positives.size() + o.negatives.size()), rows = double(step.labels.size());
  double shortest = INFINITY;
  for (size_t i = 0; i < step.v.size(); ++i)
    if (step.z[i] != 0) shortest = std::min(shortest, step.v[i] / step.z[i]);
  ObjectiveTolerance t;
  t.loss = 4 * kUnit * (2 * (1 + o.m) / o.tau + std::sqrt(rows + synthetic) * (1 + std::abs(truth.loss)));
  t.gradient = 16 * kUnit / (o.tau * std::max(1, counted) * shortest);
  for (const double g : truth.gradient) t.gradient = std::max(t.gradient, 8 * kUnit * std::abs(g));
  const double dim = step.constants.dim;
  for (uint32_t trial = 0; trial < 4; ++trial) {
    reference::Objective objective = o;
    objective.rounding = [&](int i, int k) {  // the same for (i, k) and (k, i)
      const bool up =
          Rng(73, Purpose::test, trial, uint32_t(std::min(i, k) << 16 | std::max(i, k))).coin(.5f);
      return (up ? 1 : -1) * (1 + std::sqrt(dim)) * kUnit;
    };
    reference::Constants constants = step.constants;
    constants.centres = rounded(constants.centres, constants.dim, trial);
    constants.queue = rounded(constants.queue, constants.dim, trial);
    const reference::LossGradient there =
        reference::objective(objective, rounded(step.v, constants.dim, trial), step.labels, constants);
    t.loss = std::max(t.loss, 4 * std::abs(there.loss - truth.loss));
    for (size_t i = 0; i < there.gradient.size(); ++i)
      t.gradient = std::max(t.gradient, 4 * std::abs(there.gradient[i] - truth.gradient[i]));
  }
  return t;
}

void Problems::expect(bool right, const std::string& what) {
  if (!right) list.push_back(what);
}

void Problems::expect_near(const std::string& what, double got, double want, double tolerance) {
  std::ostringstream text;
  text << std::setprecision(9) << what << " is " << got << ", not " << want << ", beyond " << tolerance;
  expect(std::abs(got - want) <= tolerance, text.str());
}

}  // namespace rc
