#include "data/forge/warp.h"

#include <cmath>
#include <utility>

#include "engine/error.h"

namespace rc {
namespace {

constexpr double kUnit =
    1.0 / 64;  // splines work in units of this many pixels, which keeps the system well scaled

// r^2 log r, the kernel of the plate, with r in units.
double kernel(Point a, Point b) {
  const double dx = double(a.x - b.x) * kUnit, dy = double(a.y - b.y) * kUnit, r2 = dx * dx + dy * dy;
  return r2 > 0 ? 0.5 * r2 * std::log(r2) : 0;
}

// Solves A X = B in place by elimination with row pivots; A is [n, n], B is [n, 2].
void solve(std::vector<double>& a, std::vector<double>& b, size_t n) {
  for (size_t k = 0; k < n; ++k) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; ++i)
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    check(a[pivot * n + k] != 0, "thin plate: the points are on one line");
    for (size_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
    for (size_t j = 0; j < 2; ++j) std::swap(b[k * 2 + j], b[pivot * 2 + j]);
    for (size_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      if (factor == 0) continue;
      for (size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      for (size_t j = 0; j < 2; ++j) b[i * 2 + j] -= factor * b[k * 2 + j];
    }
  }
  for (size_t k = n; k-- > 0;)
    for (size_t j = 0; j < 2; ++j) {
      for (size_t i = k + 1; i < n; ++i) b[k * 2 + j] -= a[k * n + i] * b[i * 2 + j];
      b[k * 2 + j] /= a[k * n + k];
    }
}

Point source_of(const Field& field, int y, int x) { return Point{float(x), float(y)} + field.at(y, x); }

}  // namespace

Field::Field(int size) : nodes_((size + kStep - 2) / kStep + 1), shift_(size_t(nodes_) * size_t(nodes_)) {}

Point Field::at(int y, int x) const {
  const int i = x / kStep, j = y / kStep;
  const float fx = float(x % kStep) / float(kStep), fy = float(y % kStep) / float(kStep);
  const size_t right = i + 1 < nodes_ ? 1 : 0, below = j + 1 < nodes_ ? size_t(nodes_) : 0;
  const Point* node = &shift_[size_t(j * nodes_ + i)];
  const Point top = node[0] * (1 - fx) + node[right] * fx,
              bottom = node[below] * (1 - fx) + node[below + right] * fx;
  return top * (1 - fy) + bottom * fy;
}

Canvas warp(const Canvas& in, const Field& field) {
  Canvas out(in.size);
  for (int y = 0; y < in.size; ++y)
    for (int x = 0; x < in.size; ++x) in.sample(source_of(field, y, x), out.at(y, x));
  return out;
}

Mask warp(const Mask& in, const Field& field) {
  Mask out(in.size);
  const float limit = float(in.size - 1);
  for (int y = 0; y < in.size; ++y)
    for (int x = 0; x < in.size; ++x) {
      const Point p = source_of(field, y, x);
      if (p.x < 0 || p.y < 0 || p.x > limit || p.y > limit) continue;  // nothing lies outside
      out.at(y, x) = in.at(int(p.y + 0.5f), int(p.x + 0.5f));
    }
  return out;
}

ThinPlate::ThinPlate(std::span<const Point> from, std::span<const Point> to, double stiffness)
    : centres_(from.begin(), from.end()) {
  const size_t m = from.size(), n = m + 3;
  std::vector<double> a(n * n), b(n * 2);
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < m; ++j) a[i * n + j] = kernel(from[i], from[j]);
    a[i * n + i] += stiffness;
    const double affine[3] = {1, double(from[i].x) * kUnit, double(from[i].y) * kUnit};
    for (size_t j = 0; j < 3; ++j) a[i * n + m + j] = a[(m + j) * n + i] = affine[j];
    b[i * 2] = double(to[i].x), b[i * 2 + 1] = double(to[i].y);
  }
  solve(a, b, n);
  for (size_t i = 0; i < n; ++i) x_.push_back(b[i * 2]), y_.push_back(b[i * 2 + 1]);
}

Point ThinPlate::operator()(Point p) const {
  const size_t m = centres_.size();
  const double u = double(p.x) * kUnit, v = double(p.y) * kUnit;
  double x = x_[m] + x_[m + 1] * u + x_[m + 2] * v, y = y_[m] + y_[m + 1] * u + y_[m + 2] * v;
  for (size_t i = 0; i < m; ++i) {
    const double k = kernel(p, centres_[i]);
    x += x_[i] * k, y += y_[i] * k;
  }
  return {float(x), float(y)};
}

Field elastic(int size, float amplitude, Rng& rng) {
  // Noise on every fourth node, a smooth hill of cosine shape around each.
  constexpr int kSpacing = 32;
  const int across = size / kSpacing + 2;
  std::vector<Point> noise(size_t(across) * size_t(across));
  for (Point& p : noise) {
    p.x = rng.uniform(-amplitude, amplitude);
    p.y = rng.uniform(-amplitude, amplitude);
  }
  const auto ease = [](float t) { return t * t * (3 - 2 * t); };
  return Field(size, [&](Point p) {
    const int i = int(p.x) / kSpacing, j = int(p.y) / kSpacing;
    const float fx = ease(p.x / kSpacing - float(i)), fy = ease(p.y / kSpacing - float(j));
    const auto node = [&](int dj, int di) {
      return noise[size_t(std::min(j + dj, across - 1) * across + std::min(i + di, across - 1))];
    };
    const Point top = node(0, 0) * (1 - fx) + node(0, 1) * fx,
                bottom = node(1, 0) * (1 - fx) + node(1, 1) * fx;
    return p + top * (1 - fy) + bottom * fy;
  });
}

}  // namespace rc
