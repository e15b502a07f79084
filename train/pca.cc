#include "train/pca.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/error.h"

namespace rc {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Of length 1, its largest element positive; zeros stay zeros.
void normalise(Vector& v) {
  const double length = std::sqrt(dot(v, v));
  if (length == 0) return;
  const double largest = *std::ranges::max_element(v, {}, [](double x) { return std::abs(x); });
  for (double& x : v) x /= largest < 0 ? -length : length;
}

// x^T x v, of centred points x.
Vector scatter_times(const std::vector<Vector>& x, const Vector& v) {
  Vector out(v.size());
  for (const Vector& row : x) {
    const double along = dot(row, v);
    for (size_t d = 0; d < v.size(); ++d) out[d] += along * row[d];
  }
  return out;
}

}  // namespace

std::vector<double> PrincipalAxes::coordinates(std::span<const float> point) const {
  Vector centred(mean.size()), out;
  for (size_t d = 0; d < mean.size(); ++d) centred[d] = double(point[d]) - mean[d];
  for (const Vector& axis : axes) out.push_back(dot(centred, axis));
  return out;
}

PrincipalAxes principal_axes(std::span<const std::vector<float>> points, int count) {
  check(!points.empty(), "principal axes of no points");
  constexpr int kMostSteps = 2000;
  const size_t dim = points[0].size();
  PrincipalAxes out;
  out.mean.assign(dim, 0);
  for (const auto& point : points)
    for (size_t d = 0; d < dim; ++d) out.mean[d] += double(point[d]) / double(points.size());
  std::vector<Vector> x;
  double whole = 0;
  for (const auto& point : points) {
    Vector& row = x.emplace_back(dim);
    for (size_t d = 0; d < dim; ++d) row[d] = double(point[d]) - out.mean[d];
    whole += dot(row, row);
  }
  for (int k = 0; k < count; ++k) {
    // From the point that is farthest from the mean in what is left: no random start can be unlucky.
    Vector axis = *std::ranges::max_element(x, {}, [](const Vector& row) { return dot(row, row); });
    normalise(axis);
    for (int step = 0; step < kMostSteps; ++step) {
      Vector next = scatter_times(x, axis);
      normalise(next);
      double moved = 0;
      for (size_t d = 0; d < dim; ++d) moved += (next[d] - axis[d]) * (next[d] - axis[d]);
      axis = std::move(next);
      if (moved < 1e-24) break;
    }
    double variance = 0;
    for (Vector& row : x) {
      const double along = dot(row, axis);
      variance += along * along;
      for (size_t d = 0; d < dim; ++d) row[d] -= along * axis[d];
    }
    out.share.push_back(whole > 0 ? variance / whole : 0);
    out.axes.push_back(std::move(axis));
  }
  return out;
}

}  // namespace rc
