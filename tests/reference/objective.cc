#include "tests/reference/objective.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace rc::reference {
namespace {

double dot(const double* a, const double* b, int n) { return std::inner_product(a, a + n, b, 0.0); }
double length(const Vector& x) { return std::sqrt(dot(x.data(), x.data(), int(x.size()))); }

enum class Pair { none, positive, negative };

// What key k is to anchor i; rows are numbered batch, hard positives, fused negatives.
Pair relation(const Objective& o, Labels y, int i, int k) {
  const int n = int(y.size()), hard = int(o.positives.size());
  const bool batch_anchor = i < n, batch_key = k < n;
  const auto source = [&](int row) { return o.positives[row - n].source; };
  if (batch_anchor && batch_key) {
    if (i == k) return Pair::none;
    return y[i] == y[k] ? Pair::positive : Pair::negative;
  }
  if (batch_anchor && y[i] == 1) return Pair::none;  // synthetic keys are for real anchors
  if (k >= n + hard) return Pair::negative;
  if (batch_key) return y[k] == 1 ? Pair::negative : k == source(i) ? Pair::none : Pair::positive;
  return batch_anchor && o.role == Role::key && i != source(k) ? Pair::positive : Pair::none;
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

// a x + b y
Vector mix(double a, const double* x, double b, const double* y, size_t dim) {
  Vector out(dim);
  for (size_t d = 0; d < dim; ++d) out[d] = a * x[d] + b * y[d];
  return out;
}

// A synthetic row before normalisation.
Vector raw(const HardPositive& p, const Vector& z, const Vector& c) {
  return mix(p.lambda, &z[p.source * c.size()], 1 - p.lambda, c.data(), c.size());
}

Vector raw(const FusedNegative& f, const Vector& z, const Vector& c) {
  const double* first = f.first == FusedNegative::centre ? c.data() : &z[f.first * c.size()];
  return mix(f.weight, first, 1 - f.weight, &z[f.second * c.size()], c.size());
}

template <class Recipe>
Vector synthesise(const std::vector<Recipe>& recipes, const Vector& z, const Vector& c) {
  Vector out;
  for (const Recipe& recipe : recipes) {
    const Vector w = raw(recipe, z, c);
    const Vector row = length(w) < 1e-4 ? Vector(w.size()) : l2_normalise(int(w.size()), w);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

void add(double* to, double scale, const Vector& x) {
  for (double v : x) *to++ += scale * v;
}

// Rows of one class ordered by key, largest first, ties by index.
template <class Key>
std::vector<int> largest(Labels y, int label, Key key) {
  std::vector<int> rows;
  for (int i = 0; i < int(y.size()); ++i)
    if (y[i] == label) rows.push_back(i);
  std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) { return key(a) > key(b); });
  return rows;
}

}  // namespace

Vector hard_positives(const Objective& o, const Vector& z, const Vector& c) {
  return synthesise(o.positives, z, c);
}

Vector fused_negatives(const Objective& o, const Vector& z, const Vector& c) {
  return synthesise(o.negatives, z, c);
}

LossGradient margin_loss(const Objective& o, const Vector& z, Labels y, const Vector& hard,
                         const Vector& fused, int dim) {
  Vector rows = z;
  rows.insert(rows.end(), hard.begin(), hard.end());
  rows.insert(rows.end(), fused.begin(), fused.end());
  const int n = int(y.size()), count = int(rows.size()) / dim;
  const int anchors = o.role == Role::anchor ? n + int(hard.size()) / dim : n;
  const auto row = [&](int i) { return &rows[size_t(i) * dim]; };
  const auto absent = [&](int i) { return i >= n && dot(row(i), row(i), dim) == 0; };

  LossGradient out{0, Vector(rows.size())};
  int contributing = 0;
  for (int i = 0; i < anchors; ++i) {
    std::vector<int> positives, negatives;
    for (int k = 0; k < count; ++k) {
      const Pair pair = absent(k) || absent(i) ? Pair::none : relation(o, y, i, k);
      if (pair == Pair::positive) positives.push_back(k);
      if (pair == Pair::negative) negatives.push_back(k);
    }
    if (positives.empty()) continue;
    ++contributing;
    const double share = 1.0 / double(positives.size());

    double negative_sum = 0, all_sum = 0;
    for (int k : negatives) negative_sum += std::exp(dot(row(i), row(k), dim) / o.tau);
    all_sum = negative_sum;
    for (int k : positives) all_sum += std::exp(phi(o, dot(row(i), row(k), dim)).value / o.tau);

    Vector slope(count);  // dL_i / ds_ik
    double pull = 0;      // D2: sum over positives of share / (e^u_p + E)
    for (int k : positives) {
      const Phi f = phi(o, dot(row(i), row(k), dim));
      const double u = f.value / o.tau,
                   denominator = o.form == Form::d1 ? all_sum : std::exp(u) + negative_sum;
      out.loss -= share * (u - std::log(denominator));
      pull += share / denominator;
      slope[k] = o.form == Form::d1 ? f.slope / o.tau * (std::exp(u) / all_sum - share)
                                    : -f.slope / o.tau * share * (1 - std::exp(u) / denominator);
    }
    for (int k : negatives) slope[k] = std::exp(dot(row(i), row(k), dim) / o.tau) / o.tau * pull;

    for (int k = 0; k < count; ++k)
      for (int d = 0; d < dim; ++d) {
        out.gradient[i * dim + d] += slope[k] * row(k)[d];
        out.gradient[k * dim + d] += slope[k] * row(i)[d];
      }
  }
  if (contributing == 0) return {0, Vector(rows.size())};
  out.loss /= contributing;
  for (double& g : out.gradient) g /= contributing;
  return out;
}

LossGradient objective(const Objective& o, const Vector& v, Labels y, const Vector& c) {
  const int dim = int(c.size()), n = int(y.size());
  const Vector z = l2_normalise(dim, v);
  const LossGradient at_rows = margin_loss(o, z, y, hard_positives(o, z, c), fused_negatives(o, z, c), dim);

  Vector dz(at_rows.gradient.begin(), at_rows.gradient.begin() + n * dim);
  auto g = at_rows.gradient.begin() + n * dim;
  const auto flow = [&](const Vector& w) {
    return length(w) < 1e-4 ? Vector(dim) : l2_normalise_grad(dim, Vector(g, g + dim), w);
  };
  for (const HardPositive& p : o.positives) {
    if (!o.detach_positives) add(&dz[p.source * dim], p.lambda, flow(raw(p, z, c)));
    g += dim;
  }
  for (const FusedNegative& f : o.negatives) {
    if (!o.detach_negatives) {
      const Vector dw = flow(raw(f, z, c));
      if (f.first != FusedNegative::centre) add(&dz[f.first * dim], f.weight, dw);
      add(&dz[f.second * dim], 1 - f.weight, dw);
    }
    g += dim;
  }
  return {at_rows.loss, l2_normalise_grad(dim, dz, v)};
}

Vector update_centre(const Vector& c, const Vector& z, Labels y, double a) {
  const size_t dim = z.size() / y.size(), reals = size_t(std::count(y.begin(), y.end(), 0));
  if (reals == 0) return c;
  Vector mean(dim);
  for (size_t i = 0; i < y.size(); ++i)
    for (size_t d = 0; d < dim; ++d)
      if (y[i] == 0) mean[d] += z[i * dim + d] / double(reals);
  if (length(mean) < 1e-3) return c;
  return l2_normalise(int(dim), c.empty() ? mean : mix(a, c.data(), 1 - a, mean.data(), dim));
}

std::vector<int> mine_positives(const Vector& z, Labels y, const Vector& c, double rho) {
  const int dim = int(c.size());
  auto rows = largest(y, 0, [&](int i) { return 1 - dot(&z[size_t(i) * dim], c.data(), dim); });
  rows.resize(size_t(std::ceil(rho * double(rows.size()))));
  return rows;
}

std::vector<int> mine_negatives(const Vector& z, Labels y, const Vector& c, int count) {
  const int dim = int(c.size());
  auto rows = largest(y, 1, [&](int i) { return dot(&z[size_t(i) * dim], c.data(), dim); });
  rows.resize(std::min(rows.size(), size_t(count)));
  return rows;
}

double guarded_lambda(HardPositive p, const Vector& z, Labels y, const Vector& c) {
  const int dim = int(c.size()), fakes = int(std::count(y.begin(), y.end(), 1));
  double mean = 0;
  for (size_t i = 0; i < y.size(); ++i)
    if (y[i] == 1) mean += dot(&z[i * dim], c.data(), dim) / fakes;
  const Vector w = raw(p, z, c);
  return fakes > 0 && dot(w.data(), c.data(), dim) / length(w) < mean ? 1 : p.lambda;
}

}  // namespace rc::reference
