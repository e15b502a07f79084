// The two maps of points in the plane: principal components beside NumPy's, t-SNE beside scikit-learn's, and
// what the descent comes to.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/rng.h"
#include "tests/golden/golden.h"
#include "train/pca.h"
#include "train/tsne.h"

namespace rc {
namespace {

using Points = std::vector<std::vector<float>>;

std::vector<PlanePoint> planar(const golden::Json& json) { return json.get<std::vector<PlanePoint>>(); }

// `clusters` of `each` points around far corners.
Points clusters(size_t count, size_t each, size_t dim) {
  Points points;
  for (size_t c = 0; c < count; ++c)
    for (size_t i = 0; i < each; ++i) {
      Rng rng(4, Purpose::test, uint32_t(c), uint32_t(i));
      std::vector<float>& point = points.emplace_back(dim);
      for (float& x : point) x = rng.uniform(-1, 1);
      point[c] += 10;
    }
  return points;
}

}  // namespace

TEST_SUITE("unit") {
  // Double precision on both sides, a few hundred operations a number; the iteration ends at 1e-12.
  TEST_CASE("principal components are NumPy's") {
    const auto g = golden::load("maps");
    const Points points = g["points"];
    const PrincipalAxes axes = principal_axes(points, 2);
    for (size_t k = 0; k < 2; ++k) {
      CHECK(axes.share[k] == doctest::Approx(g["share"][k].get<double>()).epsilon(1e-10));
      for (size_t d = 0; d < points[0].size(); ++d)
        CHECK(std::abs(axes.axes[k][d] - g["axes"][k][d].get<double>()) < 1e-9);
      for (size_t i = 0; i < points.size(); ++i)
        CHECK(std::abs(axes.coordinates(points[i])[k] - g["coordinates"][i][k].get<double>()) < 1e-8);
    }
  }

  TEST_CASE("principal components of points that do not differ") {
    const Points same(5, {1, 2, 3});
    const PrincipalAxes axes = principal_axes(same, 2);
    CHECK(axes.share == std::vector<double>{0, 0});
    CHECK(axes.coordinates(same[0]) == std::vector<double>{0, 0});
  }

  // scikit-learn's affinities are float32, calibrated to an entropy within 1e-5: a width moves by about as
  // much.
  TEST_CASE("t-SNE's affinities, divergence and gradient are scikit-learn's") {
    const auto g = golden::load("maps");
    const Points points = g["points"];
    const size_t n = points.size();
    const std::vector<double> p = tsne_affinities(points, g["perplexity"]);
    double sum = 0;
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < n; ++j) {
        sum += p[i * n + j];
        CHECK(p[i * n + j] == p[j * n + i]);
        if (i == j) CHECK(p[i * n + j] == 0);
      }
    CHECK(sum == doctest::Approx(1).epsilon(1e-12));
    const std::vector<double> condensed = g["affinities"];  // pairs i < j
    size_t pair = 0;
    for (size_t i = 0; i < n; ++i)
      for (size_t j = i + 1; j < n; ++j, ++pair) CHECK(std::abs(p[i * n + j] - condensed[pair]) < 1e-6);

    std::vector<PlanePoint> gradient;
    CHECK(tsne_divergence(p, planar(g["coordinates"]), &gradient) ==
          doctest::Approx(g["divergence"].get<double>()).epsilon(1e-4));
    const auto expected = planar(g["gradient"]);
    for (size_t i = 0; i < n; ++i)
      for (size_t d = 0; d < 2; ++d) CHECK(std::abs(gradient[i][d] - expected[i][d]) < 1e-5);
  }

  TEST_CASE("t-SNE's gradient is that of its divergence") {
    const auto g = golden::load("maps");
    const std::vector<double> p = tsne_affinities(g["points"].get<Points>(), 5);
    std::vector<PlanePoint> y = planar(g["coordinates"]), gradient;
    tsne_divergence(p, y, &gradient);
    constexpr double kStep = 1e-5;  // the error is of the order of its square
    for (size_t i = 0; i < y.size(); i += 5)
      for (size_t d = 0; d < 2; ++d) {
        const double at = y[i][d];
        y[i][d] = at + kStep;
        const double above = tsne_divergence(p, y, nullptr);
        y[i][d] = at - kStep;
        const double below = tsne_divergence(p, y, nullptr);
        y[i][d] = at;
        CHECK(std::abs((above - below) / (2 * kStep) - gradient[i][d]) < 1e-7);
      }
  }

  TEST_CASE("t-SNE keeps clusters apart, lowers the divergence and repeats to the bit") {
    const Points points = clusters(4, 15, 8);
    std::vector<PlanePoint> start;
    const PrincipalAxes axes = principal_axes(points, 2);
    for (const auto& point : points) {
      const auto at = axes.coordinates(point);
      start.push_back({at[0] * 1e-5, at[1] * 1e-5});
    }
    const auto y = tsne(points, start, {.perplexity = 10, .iterations = 500});
    CHECK(y == tsne(points, start, {.perplexity = 10, .iterations = 500}));
    const auto p = tsne_affinities(points, 10);
    CHECK(tsne_divergence(p, y, nullptr) < 0.5 * tsne_divergence(p, start, nullptr));
    for (size_t i = 0; i < y.size(); ++i) {
      size_t nearest = i == 0 ? 1 : 0;
      const auto distance = [&](size_t j) { return std::hypot(y[i][0] - y[j][0], y[i][1] - y[j][1]); };
      for (size_t j = 0; j < y.size(); ++j)
        if (j != i && distance(j) < distance(nearest)) nearest = j;
      CHECK(nearest / 15 == i / 15);
    }
  }

  TEST_CASE("t-SNE of hardly any points, and of points that are all the same, stays finite") {
    for (const size_t n : {size_t(0), size_t(1), size_t(2), size_t(3), size_t(9)}) {
      const Points same(n, {1, 2});
      for (const PlanePoint& at : tsne(same, std::vector<PlanePoint>(n, {0, 0})))
        CHECK((std::isfinite(at[0]) && std::isfinite(at[1])));
    }
  }
}

}  // namespace rc
