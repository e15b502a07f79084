#include "kernels/normalise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/rng.h"
#include "kernels/scores.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/ops.h"

namespace rc {

std::vector<float> random_values(uint32_t seed, int64_t count) {
  Rng rng(31, Purpose::test, seed);
  std::vector<float> x(static_cast<size_t>(count));
  for (float& value : x) value = rng.uniform(-1, 1);
  return x;
}

template <class Run>
void check_normalise(Run run) {
  for (const int64_t dim : {1, 3, 64, 130})
    for (const int64_t rows : {1, 5}) {
      CAPTURE(dim);
      const std::vector<float> v = random_values(1, rows * dim), g = random_values(2, rows * dim);
      std::vector<float> z(v.size(), -9), dv(v.size(), -9), norm(size_t(rows), -9);
      run(Normalise{v.data(), z.data(), norm.data(), rows, dim});
      run(NormaliseBackward{z.data(), norm.data(), g.data(), dv.data(), rows, dim});
      const reference::Vector exact(v.begin(), v.end()), dz(g.begin(), g.end());
      const reference::Vector unit = reference::l2_normalise(int(dim), exact),
                              gradient = reference::l2_normalise_grad(int(dim), dz, exact);
      for (size_t i = 0; i < v.size(); ++i) {
        const size_t row = i / size_t(dim);
        // A sum of dim products of one sign is good to dim / 2^24, of either sign to dim / 2^24 of |z| |g|.
        const double unit_error = double(dim + 4) * 0x1p-24;
        CHECK(std::abs(z[i] - unit[i]) <= unit_error);
        CHECK(std::abs(dv[i] - gradient[i]) <= 4 * unit_error * std::sqrt(double(dim)) / norm[row]);
      }

      std::vector<float> in_place(v), gradient_in_place(g);
      run(Normalise{in_place.data(), in_place.data(), norm.data(), rows, dim});
      run(NormaliseBackward{z.data(), norm.data(), gradient_in_place.data(), gradient_in_place.data(), rows,
                            dim});
      CHECK(in_place == z);
      CHECK(gradient_in_place == dv);
    }

  // A row without direction.
  const std::vector<float> zero(6, 0), tiny(6, 1e-13f), ones(6, 1);
  for (const auto& row : {zero, tiny}) {
    std::vector<float> z(6, -9), dv(6, -9), norm(1, -9);
    run(Normalise{row.data(), z.data(), norm.data(), 1, 6});
    run(NormaliseBackward{z.data(), norm.data(), ones.data(), dv.data(), 1, 6});
    CHECK(z == zero);
    CHECK(dv == zero);
  }

  // Small integers: exact.
  const std::vector<float> z = {1, 2, 3, 0, -1, 4}, centre = {2, 0, -1};
  std::vector<float> distance(2, -9);
  run(RealDistance{z.data(), centre.data(), distance.data(), 2, 3});
  CHECK(distance == std::vector<float>{2, 5});

  // Three centres: the nearest, the lower of equals; and the view's own, two views of a batch of four.
  const std::vector<float> rows = {1, 0, 0, 1, 1, 1, -1, 0}, centres = {0, 1, 2, 0, 0, 2};
  std::vector<float> near(4, -9);
  std::vector<int32_t> centre_of(4, -9);
  run(RealDistance{rows.data(), centres.data(), near.data(), 4, 2, 3, centre_of.data()});
  CHECK(near == std::vector<float>{-1, -1, -1, 1});
  CHECK(centre_of == std::vector<int32_t>{1, 2, 1, 0});
  run(RealDistance{rows.data(), centres.data(), near.data(), 4, 2, 2, centre_of.data(), 2});
  CHECK(near == std::vector<float>{1, 0, -1, 3});
  CHECK(centre_of == std::vector<int32_t>{0, 0, 1, 1});
}

TEST_SUITE("host") {
  TEST_CASE("normalise and its gradient, rows without direction, distance to the centre") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_normalise(run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("normalise for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_normalise(run);
    });
  }
}

}  // namespace rc
