#include "kernels/centre.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/rng.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/objective.h"

namespace rc {

template <class Run>
void check_centre(Run run) {
  // Several batches one after the other, some without reals; two dimensions, so lanes run out of columns.
  for (const int64_t dim : {2, 33}) {
    CAPTURE(dim);
    Rng rng(41, Purpose::test, uint32_t(dim));
    std::vector<float> centre(size_t(dim), -9);
    int32_t started = 0;
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
      run(UpdateCentre{rounded.data(), label.data(), centre.data(), &started, rows, dim});
      exact = reference::update_centre(exact, reference::Vector(rounded.begin(), rounded.end()), label);
      CHECK(started == int(batch > 0));
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
  for (int32_t started : {0, 1}) {
    const int32_t before = started;
    run(UpdateCentre{opposite.data(), label.data(), centre.data(), &started, 3, 2});
    CHECK(centre == std::vector<float>{.6f, .8f});
    CHECK(started == before);
  }
}

TEST_SUITE("host") {
  TEST_CASE("centre of natural faces: batches in a row, batches that leave it alone") {
    on_cpu_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_centre(run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("centre of natural faces for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_centre(run);
    });
  }
}

}  // namespace rc
