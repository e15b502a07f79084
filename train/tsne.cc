#include "train/tsne.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/error.h"

namespace rc {
namespace {

double square_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t d = 0; d < a.size(); ++d) {
    const double difference = double(a[d]) - double(b[d]);
    sum += difference * difference;
  }
  return sum;
}

// exp(-beta d) over all but `self`, in place, to the sum 1. Returns the entropy in nats.
double to_affinities(std::vector<double>& row, size_t self, double beta) {
  double least = std::numeric_limits<double>::infinity();
  for (size_t j = 0; j < row.size(); ++j)
    if (j != self) least = std::min(least, row[j]);
  double sum = 0, weighted = 0;
  for (size_t j = 0; j < row.size(); ++j) {
    const double beyond = row[j] - least;
    row[j] = j == self ? 0 : std::exp(-beta * beyond);
    sum += row[j], weighted += row[j] * beyond;
  }
  for (double& p : row) p /= sum;
  return std::log(sum) + beta * weighted / sum;
}

// The row of conditional affinities whose entropy is that of the perplexity, by bisection.
std::vector<double> conditional(const std::vector<double>& distances, size_t self, double perplexity) {
  constexpr int kHalvings = 100;
  constexpr double kClose = 1e-10;
  double beta = 1, low = 0, high = std::numeric_limits<double>::infinity();
  std::vector<double> row;
  for (int i = 0; i < kHalvings; ++i) {
    row = distances;
    const double excess = to_affinities(row, self, beta) - std::log(perplexity);
    if (std::abs(excess) < kClose) break;
    (excess > 0 ? low : high) = beta;  // too wide, or too narrow
    beta = std::isinf(high) ? 2 * beta : (low + high) / 2;
  }
  return row;
}

}  // namespace

std::vector<double> tsne_affinities(std::span<const std::vector<float>> points, double perplexity) {
  const size_t n = points.size();
  std::vector<double> p(n * n), distances(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) distances[j] = square_distance(points[i], points[j]);
    const std::vector<double> row = conditional(distances, i, perplexity);
    for (size_t j = 0; j < n; ++j) {
      const double half = row[j] / (2 * double(n));
      p[i * n + j] += half, p[j * n + i] += half;
    }
  }
  return p;
}

double tsne_divergence(std::span<const double> p, std::span<const PlanePoint> y,
                       std::vector<PlanePoint>* gradient) {
  const size_t n = y.size();
  std::vector<double> t(n * n);  // Student's t, not normalised
  double sum = 0, divergence = 0;
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < i; ++j) {
      const double dx = y[i][0] - y[j][0], dy = y[i][1] - y[j][1];
      t[i * n + j] = 1 / (1 + dx * dx + dy * dy);
      sum += 2 * t[i * n + j];
    }
  if (gradient) gradient->assign(n, {0, 0});
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < i; ++j) {
      const double of_pair = p[i * n + j], q = t[i * n + j] / sum;
      if (of_pair > 0) divergence += 2 * of_pair * std::log(of_pair / q);
      if (!gradient) continue;
      const double pull = 4 * (of_pair - q) * t[i * n + j];
      for (size_t d = 0; d < 2; ++d) {
        const double force = pull * (y[i][d] - y[j][d]);
        (*gradient)[i][d] += force, (*gradient)[j][d] -= force;
      }
    }
  return divergence;
}

std::vector<PlanePoint> tsne(std::span<const std::vector<float>> points, std::span<const PlanePoint> start,
                             const TsneOptions& options) {
  constexpr int kExaggerated = 250;
  constexpr double kExaggeration = 12, kLeastGain = 0.01;
  check(points.size() == start.size(), "a start for each point");
  const size_t n = points.size();
  std::vector<PlanePoint> y(start.begin(), start.end()), gradient;
  if (n < 3) return y;
  std::vector<double> p =
      tsne_affinities(points, std::min(options.perplexity, std::max(1.0, double(n - 1) / 3)));
  for (double& value : p) value *= kExaggeration;
  std::vector<PlanePoint> velocity(n, {0, 0}), gain(n, {1, 1});
  const double rate = std::max(double(n) / (4 * kExaggeration), 50.0);
  for (int step = 0; step < options.iterations; ++step) {
    if (step == kExaggerated)
      for (double& value : p) value /= kExaggeration;
    const double momentum = step < kExaggerated ? 0.5 : 0.8;
    tsne_divergence(p, y, &gradient);
    for (size_t i = 0; i < n; ++i)
      for (size_t d = 0; d < 2; ++d) {
        const bool turned = (gradient[i][d] > 0) != (velocity[i][d] > 0);
        gain[i][d] = std::max(kLeastGain, turned ? gain[i][d] + 0.2 : gain[i][d] * 0.8);
        velocity[i][d] = momentum * velocity[i][d] - rate * gain[i][d] * gradient[i][d];
        y[i][d] += velocity[i][d];
      }
  }
  return y;
}

}  // namespace rc
