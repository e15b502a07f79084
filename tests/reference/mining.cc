#include "tests/reference/mining.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rc::reference {
namespace {

double dot(const double* a, const double* b, int n) { return std::inner_product(a, a + n, b, 0.0); }

constexpr double kShortestMean = 1e-3;
constexpr int kEvery = -1;

// The mean over the reals of centre k, or of all of them.
struct Mean {
  int count = 0;
  Vector direction;  // empty where it is too short, or nothing to take it of
};

Mean mean_real(const Vector& z, Labels y, int dim, const std::vector<int>& centre_of, int k) {
  Mean mean{0, Vector(dim)};
  for (size_t i = 0; i < y.size(); ++i) {
    if (y[i] != 0 || (k != kEvery && centre_of[i] != k)) continue;
    ++mean.count;
    for (size_t d = 0; d < size_t(dim); ++d) mean.direction[d] += z[i * dim + d];
  }
  for (double& x : mean.direction) x /= std::max(1, mean.count);
  const double square = dot(mean.direction.data(), mean.direction.data(), dim);
  if (std::sqrt(square) < kShortestMean) mean.direction.clear();
  return mean;
}

std::vector<Ranked> sorted(std::vector<Ranked> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
  return rows;
}

std::vector<int> first(const std::vector<Ranked>& ranking, size_t count) {
  std::vector<int> rows;
  for (size_t i = 0; i < std::min(count, ranking.size()); ++i) rows.push_back(ranking[i].row);
  return rows;
}

}  // namespace

Centres seed_centres(Centres c, const Vector& z, Labels y, double& margin) {
  if (std::count(y.begin(), y.end(), 0) == 0) return c;
  std::vector<int> placed = c.started;
  const auto put = [&](size_t k, const double* x) {
    std::copy_n(x, c.dim, c.at.begin() + int64_t(k) * c.dim);
    placed[k] = 1;
  };
  for (size_t k = 0; k < placed.size(); ++k) {
    if (placed[k]) continue;
    if (std::count(placed.begin(), placed.end(), 1) == 0) {
      const Mean mean = mean_real(z, y, c.dim, {}, kEvery);
      if (!mean.direction.empty()) {
        put(k, l2_normalise(c.dim, mean.direction).data());
        continue;
      }
    }
    std::vector<Ranked> reals;
    for (int i = 0; i < int(y.size()); ++i) {
      if (y[i] != 0) continue;
      double nearest = -1;
      for (size_t other = 0; other < placed.size(); ++other)
        if (placed[other]) nearest = std::max(nearest, dot(&z[i * c.dim], &c.at[other * c.dim], c.dim));
      reals.push_back({i, -nearest});
    }
    reals = sorted(reals);
    if (reals.size() > 1) margin = std::min(margin, reals[0].score - reals[1].score);
    put(k, &z[reals[0].row * c.dim]);
  }
  return c;
}

std::vector<int> nearest_centres(const Centres& c, const Vector& z, double& margin, double same) {
  const int count = int(c.started.size());
  const auto centre = [&](int k) { return &c.at[k * c.dim]; };
  std::vector<int> of;
  for (size_t i = 0; i < z.size() / size_t(c.dim); ++i) {
    Vector cosine;
    for (int k = 0; k < count; ++k) cosine.push_back(dot(&z[i * c.dim], centre(k), c.dim));
    const int best = int(std::max_element(cosine.begin(), cosine.end()) - cosine.begin());
    for (int k = 0; k < count; ++k) {
      double apart = 0;
      for (int d = 0; d < c.dim; ++d) apart = std::max(apart, std::abs(centre(k)[d] - centre(best)[d]));
      if (k != best && apart >= same) margin = std::min(margin, cosine[best] - cosine[k]);
    }
    of.push_back(best);
  }
  return of;
}

std::vector<int> centres_of_views(int rows, int views) {
  std::vector<int> of;
  for (int i = 0; i < rows; ++i) of.push_back(i / (rows / views));
  return of;
}

Centres move_centres(Centres c, const Vector& z, Labels y, const std::vector<int>& centre_of, double a) {
  for (size_t k = 0; k < c.started.size(); ++k) {
    const Mean mean = mean_real(z, y, c.dim, centre_of, int(k));
    if (mean.count == 0 || mean.direction.empty()) continue;
    const auto at = c.at.begin() + int64_t(k) * c.dim;
    Vector moved = mean.direction;
    for (int d = 0; d < c.dim && c.started[k]; ++d) moved[d] = a * at[d] + (1 - a) * mean.direction[d];
    moved = l2_normalise(c.dim, moved);
    std::copy(moved.begin(), moved.end(), at);
    c.started[k] = 1;
  }
  return c;
}

Vector update_centre(const Vector& c, const Vector& z, Labels y, double a) {
  const int dim = int(z.size() / y.size());
  const Centres before{dim, c.empty() ? Vector(dim) : c, {!c.empty()}};
  const Centres after = move_centres(before, z, y, std::vector<int>(y.size()), a);
  return after.started[0] ? after.at : c;
}

std::vector<Ranked> rank_by_centre(const Vector& z, Labels y, const Constants& constants, int label,
                                   bool queue) {
  std::vector<Ranked> rows;
  const int n = int(y.size()), all = n + int(constants.queue.size()) / constants.dim;
  for (int i = 0; i < (queue ? all : n); ++i) {
    if ((i < n ? y[i] : 1) != label) continue;
    const double cosine = dot(constants.row(z, i), constants.centre(i), constants.dim);
    rows.push_back({i, label == 0 ? -cosine : cosine});
  }
  return sorted(rows);
}

std::vector<Ranked> rank_neighbours(const Vector& z, Labels y, const Constants& constants, int i) {
  std::vector<Ranked> rows;
  const int n = int(y.size()), all = n + int(constants.queue.size()) / constants.dim;
  for (int k = 0; k < all; ++k)
    if ((k < n ? y[k] : 1) != y[i])
      rows.push_back({k, dot(constants.row(z, i), constants.row(z, k), constants.dim)});
  return sorted(rows);
}

std::vector<int> mine_positives(const Vector& z, Labels y, const Constants& constants, double rho) {
  const auto ranking = rank_by_centre(z, y, constants, 0);
  return first(ranking, size_t(std::ceil(rho * double(ranking.size()))));
}

std::vector<int> mine_negatives(const Vector& z, Labels y, const Constants& constants, int count) {
  return first(rank_by_centre(z, y, constants, 1, true), size_t(count));
}

}  // namespace rc::reference
