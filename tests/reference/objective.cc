#include "tests/reference/objective.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace rc::reference {
namespace {

double dot(const double* a, const double* b, int n) { return std::inner_product(a, a + n, b, 0.0); }

enum class Pair { none, positive, negative };

// What key k is to anchor i; rows are numbered batch, hard positives, fused negatives.
Pair relation(const Objective& o, Labels y, int i, int k) {
  const int n = int(y.size()), hard = int(o.positives.size());
  const int source = i < n ? i : o.positives[i - n].source, label = y[source];
  if (k >= n + hard) {
    const FusedNegative& f = o.negatives[k - n - hard];
    if (f.owner != FusedNegative::everyone && f.owner != source) return Pair::none;
    const int fused_from = f.second < n ? y[f.second] : 1;  // the queue is of fakes
    return fused_from == label ? Pair::none : Pair::negative;
  }
  const int from = k < n ? k : o.positives[k - n].source;
  if (from == source) return Pair::none;
  if (k < n) return y[k] == label ? Pair::positive : Pair::negative;
  return o.role == Role::key && y[from] == label ? Pair::positive : Pair::none;
}

bool one_tuple(const Objective& o, Labels y, int i, int k) {
  const int n = int(y.size());
  return !o.tuple.empty() && i < n && k < n && o.tuple[i] >= 0 && o.tuple[i] == o.tuple[k];
}

struct Phi {
  double value, slope;
};

Phi phi(const Objective& o, double s) {
  if (o.margin == Margin::cos) return {s - o.m, 1};
  s = std::clamp(s, -1 + 1e-7, 1 - 1e-7);
  const double theta = std::acos(s);
  if (theta > std::numbers::pi - o.m) return {s - o.m * std::sin(o.m), 1};
  return {std::cos(theta + o.m), std::sin(theta + o.m) / std::sin(theta)};
}

struct Key {
  int row;
  double u, slope;  // the logit, and du/ds
  double weight;    // of a positive
};

// L_i of one anchor, and dL_i/ds for each key into `slope`.
double anchor_loss(Form form, const std::vector<Key>& positives, const std::vector<Key>& negatives,
                   Vector& slope) {
  double total_weight = 0, negative_sum = 0, positive_sum = 0, loss = 0;
  for (const Key& k : negatives) negative_sum += std::exp(k.u);
  for (const Key& k : positives) positive_sum += std::exp(k.u), total_weight += k.weight;
  double pull = 0;  // sum over positives of their share / denominator
  for (const Key& k : positives) {
    const double share = k.weight / total_weight,
                 denominator = negative_sum + (form == Form::d1 ? positive_sum : std::exp(k.u));
    loss -= share * (k.u - std::log(denominator));
    pull += share / denominator;
    slope[k.row] = form == Form::d1 ? k.slope * (std::exp(k.u) / denominator - share)
                                    : -k.slope * share * negative_sum / denominator;
  }
  for (const Key& k : negatives) slope[k.row] = k.slope * std::exp(k.u) * pull;
  return loss;
}

template <class Recipe>
Vector synthesise(const std::vector<Recipe>& recipes, const Vector& z, const Constants& constants) {
  Vector out;
  for (const Recipe& recipe : recipes) {
    const Vector row = synthetic(recipe, z, constants);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

}  // namespace

Vector hard_positives(const Objective& o, const Vector& z, const Constants& constants) {
  return synthesise(o.positives, z, constants);
}

Vector fused_negatives(const Objective& o, const Vector& z, const Constants& constants) {
  return synthesise(o.negatives, z, constants);
}

LossGradient margin_loss(const Objective& o, const Vector& z, Labels y, const Vector& hard,
                         const Vector& fused, int dim) {
  Vector rows = z;
  rows.insert(rows.end(), hard.begin(), hard.end());
  rows.insert(rows.end(), fused.begin(), fused.end());
  const int n = int(y.size()), count = int(rows.size()) / dim;
  const int anchors = o.role == Role::anchor ? n + int(hard.size()) / dim : n;
  const auto row = [&](int i) { return &rows[i * dim]; };
  const auto absent = [&](int i) { return i >= n && dot(row(i), row(i), dim) == 0; };

  LossGradient out{0, Vector(rows.size())};
  int contributing = 0;
  for (int i = 0; i < anchors; ++i) {
    if (absent(i)) continue;
    std::vector<Key> positives, negatives;
    for (int k = 0; k < count; ++k) {
      const Pair pair = absent(k) ? Pair::none : relation(o, y, i, k);
      if (pair == Pair::none) continue;
      const double s = dot(row(i), row(k), dim) + (o.rounding ? o.rounding(i, k) : 0);
      const bool kin = one_tuple(o, y, i, k);
      if (pair == Pair::negative) {
        negatives.push_back({k, s / o.tau + (kin ? std::log(o.nu) : 0), 1 / o.tau, 0});
      } else {
        const Phi f = phi(o, s);
        positives.push_back({k, f.value / o.tau, f.slope / o.tau, kin ? o.w : 1});
      }
    }
    if (positives.empty()) continue;
    ++contributing;
    Vector slope(count);
    out.loss += anchor_loss(o.form, positives, negatives, slope);
    for (int k = 0; k < count; ++k)
      for (int d = 0; d < dim && slope[k] != 0; ++d) {
        out.gradient[i * dim + d] += slope[k] * row(k)[d];
        out.gradient[k * dim + d] += slope[k] * row(i)[d];
      }
  }
  if (contributing == 0) return {0, Vector(rows.size())};
  out.loss /= contributing;
  for (double& g : out.gradient) g /= contributing;
  return out;
}

LossGradient objective(const Objective& o, const Vector& v, Labels y, const Constants& constants) {
  const int dim = constants.dim;
  const Vector z = l2_normalise(dim, v), hard = hard_positives(o, z, constants),
               fused = fused_negatives(o, z, constants);
  const LossGradient at_rows = margin_loss(o, z, y, hard, fused, dim);

  auto g = at_rows.gradient.begin() + int64_t(v.size());
  Vector dz(at_rows.gradient.begin(), g);
  const auto flow = [&](const auto& recipes, bool detached) {
    for (const auto& recipe : recipes) {
      if (!detached) add_gradient(recipe, z, constants, Vector(g, g + dim), dz);
      g += dim;
    }
  };
  flow(o.positives, o.detach_positives);
  flow(o.negatives, o.detach_negatives);
  return {at_rows.loss, l2_normalise_grad(dim, dz, v)};
}

}  // namespace rc::reference
