#include "tests/reference/synthesis.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace rc::reference {
namespace {

constexpr double kShortest = 1e-4;

double dot(const double* a, const double* b, int n) { return std::inner_product(a, a + n, b, 0.0); }
double length(const Vector& x) { return std::sqrt(dot(x.data(), x.data(), int(x.size()))); }

// a x + b y
Vector mix(double a, const double* x, double b, const double* y, int dim) {
  Vector out(dim);
  for (size_t d = 0; d < out.size(); ++d) out[d] = a * x[d] + b * y[d];
  return out;
}

Vector unit_or_zero(const Vector& w) {
  return length(w) < kShortest ? Vector(w.size()) : l2_normalise(int(w.size()), w);
}

// The gradient of unit_or_zero.
Vector before_unit(const Vector& w, const Vector& g) {
  return length(w) < kShortest ? Vector(w.size()) : l2_normalise_grad(int(w.size()), g, w);
}

// dz[row] += scale g, for rows of the batch.
void add(Vector& dz, int row, double scale, const Vector& g) {
  const size_t at = row * g.size();
  for (size_t d = 0; d < g.size() && at < dz.size(); ++d) dz[at + d] += scale * g[d];
}

Vector line(const HardPositive& p, const Vector& z, const Constants& k) {
  return mix(p.lambda, k.row(z, p.source), 1 - p.lambda, k.centre(p.source), k.dim);
}

Vector fusion(const FusedNegative& f, const Vector& z, const Constants& k) {
  const double* first = f.first == FusedNegative::centre ? k.centre(f.second) : k.row(z, f.first);
  return mix(f.weight, first, 1 - f.weight, k.row(z, f.second), k.dim);
}

// The great circle through a row and its centre.
struct Circle {
  double cosine, sine, angle;  // of the row; sine is the length of `away`
  Vector away;                 // z - (z.c) c
  bool exists;

  Circle(int row, const Vector& z, const Constants& k) {
    const double *x = k.row(z, row), *c = k.centre(row);
    cosine = dot(x, c, k.dim);
    away = mix(1, x, -cosine, c, k.dim);
    sine = length(away);
    angle = std::atan2(sine, cosine);
    exists = sine >= kShortest && dot(c, c, k.dim) > 0;
  }
};

}  // namespace

Vector synthetic(const HardPositive& p, const Vector& z, const Constants& k) {
  if (!p.geodesic) return unit_or_zero(line(p, z, k));
  const Circle circle(p.source, z, k);
  const double angle = p.lambda * circle.angle, *x = k.row(z, p.source);
  if (!circle.exists) return {x, x + k.dim};
  return mix(std::cos(angle), k.centre(p.source), std::sin(angle) / circle.sine, circle.away.data(), k.dim);
}

Vector synthetic(const FusedNegative& f, const Vector& z, const Constants& k) {
  return unit_or_zero(fusion(f, z, k));
}

void add_gradient(const HardPositive& p, const Vector& z, const Constants& k, const Vector& g, Vector& dz) {
  if (!p.geodesic) {
    add(dz, p.source, p.lambda, before_unit(line(p, z, k), g));
    return;
  }
  const Circle circle(p.source, z, k);
  if (!circle.exists) {
    add(dz, p.source, 1, g);
    return;
  }
  // key = c cos a + e sin a, a = lambda th: da = -lambda d(z.c) / sin th, de = (1 - e e^T)(1 - c c^T) dz /
  // sin th.
  const double angle = p.lambda * circle.angle, *c = k.centre(p.source);
  const Vector e = l2_normalise(k.dim, circle.away);
  const double along_e = dot(g.data(), e.data(), k.dim), along_c = dot(g.data(), c, k.dim);
  const double turned = std::cos(angle) * along_e - std::sin(angle) * along_c;  // dL/da
  Vector through_e = mix(1, g.data(), -along_e, e.data(), k.dim);
  through_e = mix(1, through_e.data(), -dot(through_e.data(), c, k.dim), c, k.dim);
  add(dz, p.source, std::sin(angle) / circle.sine, through_e);
  add(dz, p.source, -p.lambda * turned / circle.sine, {c, c + k.dim});
}

void add_gradient(const FusedNegative& f, const Vector& z, const Constants& k, const Vector& g, Vector& dz) {
  const Vector dw = before_unit(fusion(f, z, k), g);
  if (f.first != FusedNegative::centre) add(dz, f.first, f.weight, dw);
  add(dz, f.second, 1 - f.weight, dw);
}

double clearance(const HardPositive& p, const Vector& z, Labels y, const Constants& k) {
  const auto fakes = std::count(y.begin(), y.end(), 1);
  if (fakes == 0) return 1;
  double mean = 0;
  for (int i = 0; i < int(y.size()); ++i)
    if (y[i] == 1) mean += dot(k.row(z, i), k.centre(i), k.dim) / double(fakes);
  return dot(synthetic(p, z, k).data(), k.centre(p.source), k.dim) - mean;
}

double guarded_lambda(HardPositive p, const Vector& z, Labels y, const Constants& k) {
  if (p.geodesic) {
    const Circle circle(p.source, z, k);
    if (!circle.exists) return 1;
    if (p.lambda > 1) p.lambda = std::clamp(std::numbers::pi / 2 / circle.angle, 1.0, p.lambda);
  }
  return y[p.source] == 0 && clearance(p, z, y, k) < 0 ? 1 : p.lambda;
}

}  // namespace rc::reference
