#include "kernels/centre.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/rng.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/mining.h"

namespace rc {

template <class Run>
void update_centre(const std::vector<float>& z, const std::vector<int32_t>& label, std::vector<float>& centre,
                   std::vector<int32_t>& started, Run run) {
  const auto rows = int64_t(label.size()), dim = int64_t(centre.size());
  std::vector<float> sum(centre.size(), -9), count(1, -9);
  run(SumReals{z.data(), label.data(), nullptr, sum.data(), count.data(), rows, dim});
  run(MoveCentres{sum.data(), count.data(), centre.data(), started.data(), dim});
}

template <class Run>
void check_centre(Run run) {
  // Several batches one after the other, some without reals; two dimensions, so lanes run out of columns.
  for (const int64_t dim : {2, 33}) {
    CAPTURE(dim);
    Rng rng(41, Purpose::test, uint32_t(dim));
    std::vector<float> centre(size_t(dim), -9);
    std::vector<int32_t> started(1, 0);
    reference::Vector exact;
    for (int batch = 0; batch < 6; ++batch) {
      CAPTURE(batch);
      const int64_t rows = 7;
      std::vector<int32_t> label;
      for (int64_t i = 0; i < rows; ++i) label.push_back(batch % 3 == 0 || rng.coin(.5f));  // 0, 3: all fake
      reference::Vector z;
      for (int64_t i = 0; i < rows * dim; ++i) z.push_back(rng.uniform(-1, 1) + .3f);
      z = reference::l2_normalise(int(dim), z);
      const std::vector<float> rounded(z.begin(), z.end()), before = centre;
      update_centre(rounded, label, centre, started, run);
      exact = reference::update_centre(exact, reference::Vector(rounded.begin(), rounded.end()), label);
      CHECK(started[0] == int(batch > 0));
      if (batch % 3 == 0) CHECK(centre == before);
      // Sums of up to 7 unit rows and dim squares; the mean of these rows is longer than 0.1.
      for (size_t d = 0; d < exact.size(); ++d)
        CHECK(std::abs(centre[d] - exact[d]) <= double(7 + dim) * 10 * 0x1p-24);
    }
  }

  // Reals that cancel have no mean direction, at the start and later.
  const std::vector<float> opposite = {1, 0, -1, 0, 0, 1};
  const std::vector<int32_t> label = {0, 0, 1};
  std::vector<float> centre = {.6f, .8f};
  for (std::vector<int32_t> started : {std::vector{0}, std::vector{1}}) {
    const std::vector<int32_t> before = started;
    update_centre(opposite, label, centre, started, run);
    CHECK(centre == std::vector<float>{.6f, .8f});
    CHECK(started == before);
  }
}

// Several centres: each moves by its own reals as a single one does by all.
template <class Run>
void check_centres(Run run) {
  const int64_t dim = 5, centres = 4, rows = 12;
  Rng rng(42, Purpose::test);
  reference::Vector wide;
  for (int64_t i = 0; i < rows * dim; ++i) wide.push_back(rng.uniform(-1, 1) + .3f);
  wide = reference::l2_normalise(int(dim), wide);
  std::vector<float> z(wide.begin(), wide.end());
  std::vector<int32_t> label, centre_of, started = {1, 0, 1, 0};
  for (int32_t i = 0; i < rows; ++i) {
    label.push_back(i % 4 == 3);
    centre_of.push_back(i % 3);  // none for the last
  }
  for (int64_t d = 0; d < dim; ++d) {  // the reals of centre 2 (rows 2, 5, 8) cancel but for a trace
    z[size_t(2 * dim + d)] = -z[size_t(5 * dim + d)];
    z[size_t(8 * dim + d)] = d == 0 ? 1e-3f : 0;
  }
  std::vector<float> centre(size_t(centres * dim), .2f), sum(centre.size(), -9), count(size_t(centres), -9);
  for (size_t d = 0; d < size_t(dim); ++d) centre[d] = d == 0;
  const std::vector<float> before = centre;
  run(SumReals{z.data(), label.data(), centre_of.data(), sum.data(), count.data(), rows, dim, centres});
  CHECK(count == std::vector<float>{3, 3, 3, 0});
  run(MoveCentres{sum.data(), count.data(), centre.data(), started.data(), dim, centres, .5f});
  CHECK(started == std::vector<int32_t>{1, 1, 1, 0});
  for (size_t k = 0; k < 4; ++k) {
    const auto part = [&](const std::vector<float>& x) {
      return reference::Vector(x.begin() + int64_t(k) * dim, x.begin() + int64_t(k + 1) * dim);
    };
    std::vector<int> others = label;  // whatever is not of this centre is no real of it
    for (size_t i = 0; i < others.size(); ++i) others[i] = label[i] || centre_of[i] != int32_t(k);
    const reference::Vector exact = reference::update_centre(
        k == 1 ? reference::Vector{} : part(before), reference::Vector(z.begin(), z.end()), others, .5);
    for (size_t d = 0; d < size_t(dim); ++d)  // as in check_centre
      CHECK(std::abs(part(centre)[d] - exact[d]) <= double(rows + dim) * 10 * 0x1p-24);
    if (k >= 2) CHECK(part(centre) == part(before));
  }
}

// Seeds by hand on the circle: reals at 0, 30, 90, 300 and again 30 degrees, a fake at 180.
template <class Run>
void check_seeds(Run run) {
  const std::vector<double> degrees = {0, 30, 180, 90, 300, 30};
  const std::vector<int32_t> label = {0, 0, 1, 0, 0, 0};
  const auto at = [](double degree) {
    const double angle = degree * 3.14159265358979 / 180;
    return std::vector<float>{float(std::cos(angle)), float(std::sin(angle))};
  };
  std::vector<float> z;
  for (const double degree : degrees)
    for (const float x : at(degree)) z.push_back(x);
  const auto seed = [&](const std::vector<int32_t>& started, std::vector<float> centre,
                        const std::vector<int32_t>& labels) {
    std::vector<float> nearest(degrees.size(), -9);
    const auto centres = int64_t(started.size()), rows = int64_t(labels.size());
    run(SeedCentres{z.data(), labels.data(), started.data(), centre.data(), nearest.data(), rows, 2,
                    centres});
    return centre;
  };
  const auto row = [&](const std::vector<float>& centre, size_t k) {
    return std::vector<float>{centre[2 * k], centre[2 * k + 1]};
  };

  // The mean lies at 19.3: from there 300 is farthest, then 90, and from these three 0.
  const std::vector<float> first = seed({0, 0, 0, 0}, std::vector<float>(8, -9), label);
  double x = 0, y = 0;
  for (const size_t i : {0, 1, 3, 4, 5}) x += z[2 * i], y += z[2 * i + 1];
  CHECK(std::abs(first[0] - x / std::hypot(x, y)) < 8 * 0x1p-24);  // five terms and a square root
  CHECK(std::abs(first[1] - y / std::hypot(x, y)) < 8 * 0x1p-24);
  CHECK(row(first, 1) == at(300));
  CHECK(row(first, 2) == at(90));
  CHECK(row(first, 3) == at(0));

  // Beside a centre that has started, at 60: 300, then 0, which is 60 away where 30 and 90 are 30 away.
  std::vector<float> some(6, -9);
  std::copy_n(at(60).begin(), 2, some.begin() + 2);
  const std::vector<float> late = seed({0, 1, 0}, some, label);
  CHECK(row(late, 0) == at(300));
  CHECK(row(late, 1) == at(60));
  CHECK(row(late, 2) == at(0));

  const std::vector<float> untouched(4, -9);
  CHECK(seed({1, 1}, untouched, label) == untouched);
  CHECK(seed({0, 0}, untouched, {1, 1, 1, 1, 1, 1}) == untouched);

  // Two reals that cancel have no mean: the lower row, then the other one, then the lower row again.
  std::copy_n(at(180).begin(), 2, z.begin() + 2);
  const std::vector<float> opposite = seed({0, 0, 0}, std::vector<float>(6, -9), {0, 0});
  CHECK(row(opposite, 0) == at(0));
  CHECK(row(opposite, 1) == at(180));
  CHECK(row(opposite, 2) == at(0));
}

TEST_SUITE("host") {
  TEST_CASE("centres of natural faces: batches in a row, batches that leave one alone, seeds") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_centre(run);
      check_centres(run);
      check_seeds(run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("centres of natural faces for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_centre(run);
      check_centres(run);
      check_seeds(run);
    });
  }
}

}  // namespace rc
