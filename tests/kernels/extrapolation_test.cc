#include "kernels/extrapolation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "engine/rng.h"
#include "kernels/mining.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/difference.h"

namespace rc {

using reference::Vector;

double product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t d = 0; d < a.size(); ++d) sum += a[d] * b[d];
  return sum;
}

// The formulas in double precision: a key for a given weight, and the weight that is used.
double angle_of(const Vector& z, const Vector& c) {
  return std::acos(product(z, c) / std::sqrt(product(z, z) * product(c, c)));
}
Vector geodesic(const Vector& z, const Vector& c, double weight) {  // the angle is that of unit(z)
  const double theta = angle_of(z, c), along = product(z, c) / product(c, c);
  Vector e(z);
  for (size_t d = 0; d < z.size(); ++d) e[d] -= along * c[d];
  const double across = std::sqrt(product(e, e));
  Vector key(z.size());
  for (size_t d = 0; d < z.size(); ++d)
    key[d] = std::cos(weight * theta) * c[d] + std::sin(weight * theta) * e[d] / across;
  return key;
}
double used_weight(const Vector& z, const Vector& c, double drawn, bool guarded, double fake_distance) {
  const double theta = angle_of(z, c);
  const double l = drawn > 1 ? std::max(1.0, std::min(drawn, std::numbers::pi / 2 / theta)) : drawn;
  return guarded && 1 - std::cos(l * theta) > fake_distance ? 1 : l;
}

// Rows at given angles from the first or the second centre.
struct Circle {
  int64_t dim;
  std::vector<double> angles;
  std::vector<float> z, centres;
  std::vector<int32_t> centre_of;

  Circle(int64_t n, std::vector<double> some, uint32_t seed) : dim(n), angles(std::move(some)) {
    Rng rng(71, Purpose::test, seed);
    const auto random = [&] {
      Vector v;
      for (int64_t d = 0; d < dim; ++d) v.push_back(rng.uniform(-1, 1));
      return reference::l2_normalise(int(dim), v);
    };
    Vector c[2] = {random(), random()};
    for (const Vector& centre : c) centres.insert(centres.end(), centre.begin(), centre.end());
    for (size_t i = 0; i < angles.size(); ++i) {
      centre_of.push_back(int32_t(i % 2));
      const Vector& centre = c[i % 2];
      Vector away = random();
      const double along = product(away, centre);
      for (size_t d = 0; d < away.size(); ++d) away[d] -= along * centre[d];
      away = reference::l2_normalise(int(dim), away);
      for (size_t d = 0; d < away.size(); ++d)
        z.push_back(float(std::cos(angles[i]) * centre[d] + std::sin(angles[i]) * away[d]));
    }
  }
  SourceRows rows() const {
    return {z.data(), centres.data(), centre_of.data(), nullptr, int64_t(angles.size()), dim};
  }
  Vector row(size_t i) const { return part(z, i); }
  Vector centre(size_t i) const { return part(centres, size_t(centre_of[i])); }
  Vector part(const std::vector<float>& x, size_t i) const {
    return {x.begin() + int64_t(i) * dim, x.begin() + int64_t(i + 1) * dim};
  }
};

// Reals (the first five keys) and fakes at angles of all sizes; the last key is not in use.
template <class Run>
void check_geodesic(int64_t dim, Run run) {
  CAPTURE(dim);
  const Circle at(dim, {.02, .4, .9, 1.3, 2, .02, .9, 1.6, 2.5, 3}, uint32_t(dim));
  const std::vector<float> drawn = {1.5f, 1.9f, 1.5f, 1.9f, 1.5f, .6f, .9f, .7f, .55f, .8f, 1.3f};
  std::vector<int32_t> rows;
  for (int32_t k = 0; k < 10; ++k) rows.insert(rows.end(), {k, kCentre});
  rows.insert(rows.end(), {kUnused, kCentre});
  const auto keys = int64_t(drawn.size());
  Rng rng(72, Purpose::test);
  std::vector<float> g;
  for (int64_t i = 0; i < keys * dim; ++i) g.push_back(rng.uniform(-1, 1));

  for (const float fake_distance : {kNoFake, .6f}) {
    CAPTURE(fake_distance);
    std::vector<float> weight = drawn, key(size_t(keys * dim), -9), norm(size_t(keys), -9), dx(key),
                       mean{fake_distance};
    run(GeodesicKeys{at.rows(), mean.data(), rows.data(), weight.data(), key.data(), norm.data(), keys, 5});
    run(GeodesicGradient{at.rows(), rows.data(), weight.data(), g.data(), dx.data(), keys});
    int guarded = 0, lowered = 0;
    for (size_t k = 0; k < 10; ++k) {
      CAPTURE(k);
      const Vector z = at.row(k), c = at.centre(k), made = at.part(key, k), dkey = at.part(g, k);
      const double l = used_weight(z, c, drawn[k], k < 5, fake_distance);
      guarded += l == 1;
      lowered += l > 1 && l < drawn[k];
      // A sum of dim products is good to dim / 2^24 and the angle as well; the direction e to that over sin.
      const double unit = double(dim + 8) * 0x1p-24, error = unit / std::sin(at.angles[k]);
      CHECK(std::abs(weight[k] - l) <= 4 * error);
      CHECK(norm[k] == 1);
      const Vector truth = l == 1 ? z : geodesic(z, c, l);
      for (size_t d = 0; d < truth.size(); ++d) CHECK(std::abs(made[d] - truth[d]) <= 4 * error);
      // The guard: a key that was moved lies on the reals' side.
      if (k < 5 && weight[k] > 1) CHECK(1 - product(made, c) <= fake_distance + 4 * unit);

      // The gradient of g . key for the weight that was used, along the sphere: z moves as a unit vector.
      const auto f = [&](const Vector& moved) { return product(dkey, geodesic(moved, c, weight[k])); };
      Vector gradient = at.part(dx, k);
      const double length = std::sqrt(product(dkey, dkey));
      CHECK(std::abs(product(gradient, z)) <= 16 * error * length);
      // Central differences are good to h^2 over sin^2, far below.
      CHECK(reference::worst_difference(f, z, gradient) <=
            16 * error / std::sin(at.angles[k]) * length + 1e-7);
    }
    CHECK(guarded == (fake_distance == kNoFake ? 1 : 3));
    CHECK(lowered == (fake_distance == kNoFake ? 1 : 0));
    CHECK(weight[10] == 0);
    CHECK(norm[10] == 0);
    for (int64_t d = 0; d < dim; ++d) {
      CHECK(key[size_t(10 * dim + d)] == 0);
      CHECK(dx[size_t(10 * dim + d)] == 0);
    }
  }
}

// Rows at the centre, opposite to it, and of a centre that has not started are their own keys.
template <class Run>
void check_stuck(Run run) {
  const std::vector<float> z = {1, 0, -1, 0, .6f, .8f, 1, 2e-5f}, centres = {1, 0, 0, 0};
  const std::vector<int32_t> centre_of = {0, 0, 1, 0},
                             rows = {0, kCentre, 1, kCentre, 2, kCentre, 3, kCentre};
  const std::vector<float> g = {1, 2, 3, 4, 5, 6, 7, 8};
  const SourceRows from{z.data(), centres.data(), centre_of.data(), nullptr, 4, 2};
  for (const float drawn : {.7f, 1.4f}) {
    std::vector<float> weight(4, drawn), key(8, -9), norm(4, -9), dx(8, -9);
    run(GeodesicKeys{from, &kNoFake, rows.data(), weight.data(), key.data(), norm.data(), 4, 0});
    run(GeodesicGradient{from, rows.data(), weight.data(), g.data(), dx.data(), 4});
    CHECK(weight == std::vector<float>(4, 1));
    CHECK(key == z);
    CHECK(dx == g);
  }
}

TEST_SUITE("host") {
  TEST_CASE("extrapolation on the sphere: keys, used weights, guard, gradient") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t dim : {2, 5, 33, 128}) check_geodesic(dim, run);
      check_stuck(run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("extrapolation on the sphere for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t dim : {2, 33}) check_geodesic(dim, run);
      check_stuck(run);
    });
  }
}

}  // namespace rc
