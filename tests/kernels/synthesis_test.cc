#include "kernels/synthesis.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/rng.h"
#include "kernels/mining.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/objective.h"

namespace rc {

template <class Run>
void check_keys(uint32_t index, Run run) {
  CAPTURE(index);
  Rng rng(61, Purpose::test, index);
  const int64_t dim = 4 + int64_t(rng.below(30)), batch = 8;
  const std::vector<int32_t> label = {0, 1, 0, 1, 0, 1, 0, 1};
  reference::Vector wide;
  for (int64_t i = 0; i < (batch + 1) * dim; ++i) wide.push_back(rng.uniform(-1, 1));
  wide = reference::l2_normalise(int(dim), wide);
  const std::vector<float> z(wide.begin(), wide.end());
  const float* const centre = &z[size_t(batch * dim)];
  const reference::Vector exact(z.begin(), z.end() - dim), c(centre, centre + dim);

  std::vector<float> fake_distance{0};
  std::vector<float> distance;
  for (int64_t i = 0; i < batch; ++i) {
    distance.push_back(1);
    for (int64_t d = 0; d < dim; ++d) distance.back() -= z[size_t(i * dim + d)] * centre[d];
    if (label[size_t(i)] == 1) fake_distance[0] += distance.back() / 4;
  }

  // Rows 6 and 7 lie in the queue.
  std::vector<int32_t> rows = {0, kCentre, 2,       kCentre, 4, kCentre, kUnused, kCentre,
                               1, 7,       kUnused, 3,       5, 5,       7,       kCentre};
  std::vector<float> weight = {1.1f, 1.5f, 1.9f, 1.5f, .3f, .3f, .5f, .8f};
  const std::vector<float> asked = weight;
  std::vector<float> key(8 * size_t(dim), -9), norm(8, -9);
  const SourceRows from{z.data(), centre, nullptr, &z[size_t(6 * dim)], 6, dim};
  run(MixKeys{from, fake_distance.data(), rows.data(), weight.data(), key.data(), norm.data(), 8, 4});

  reference::Objective o{.positives = {{0, asked[0]}, {2, asked[1]}, {4, asked[2]}},
                         .negatives = {{1, 7, asked[4]}, {5, 5, asked[6]}, {-1, 7, 1 - double(asked[7])}}};
  for (auto& positive : o.positives) positive.lambda = reference::guarded_lambda(positive, exact, label, c);
  const reference::Vector hard = reference::hard_positives(o, exact, c),
                          fused = reference::fused_negatives(o, exact, c);
  const auto check_row = [&](size_t k, const double* truth) {
    CHECK(rows[2 * k] != kUnused);
    // Errors of a mix relative to its parts, whose weights sum to at most 3, then divided by |w|.
    for (int64_t d = 0; d < dim; ++d)
      CHECK(std::abs(key[k * size_t(dim) + size_t(d)] - truth[d]) <= double(dim + 8) * 3 * 0x1p-24 / norm[k]);
  };
  for (size_t k = 0; k < 3; ++k) {
    check_row(k, &hard[k * size_t(dim)]);
    CHECK(double(weight[k]) == o.positives[k].lambda);
    // The guard: no extrapolated real beyond the fakes' mean distance, but for a real that is there itself.
    float along = 0;
    for (int64_t d = 0; d < dim; ++d) along += key[k * size_t(dim) + size_t(d)] * centre[d];
    CHECK((1 - along <= fake_distance[0] + 1e-6f || weight[k] == 1));
  }
  check_row(4, &fused[0]);
  check_row(6, &fused[size_t(dim)]);
  check_row(7, &fused[2 * size_t(dim)]);
  for (const size_t k : {3, 5}) {
    CHECK(rows[2 * k] == kUnused);
    CHECK(norm[k] == 0);
    for (int64_t d = 0; d < dim; ++d) CHECK(key[k * size_t(dim) + size_t(d)] == 0);
  }
}

// A key's centre is that of its x: each key equals the same key with that centre alone.
template <class Run>
void check_two_centres(Run run) {
  const std::vector<float> z = {1, 0, 0, .6f, .8f, 0, 0, .8f, .6f, 0, 0, 1}, centres = {.8f, 0, .6f, 0, 1, 0};
  const std::vector<int32_t> centre_of = {1, 0, 0, 1};  // of three rows and one of the queue
  const std::vector<int32_t> rows = {0, kCentre, 1, kCentre, 2, 0, 3, kCentre, 3, 1};
  const std::vector<float> weight = {1.25f, 1.5f, .5f, .75f, .25f};
  const std::vector<float> fake_distance{.9f};
  const auto mix = [&](const float* centre, const int32_t* of) {
    std::vector<int32_t> r = rows;
    std::vector<float> w = weight, key(15, -9), norm(5, -9);
    const SourceRows from{z.data(), centre, of, &z[9], 3, 3};
    run(MixKeys{from, fake_distance.data(), r.data(), w.data(), key.data(), norm.data(), 5, 2});
    return key;
  };
  const std::vector<float> key = mix(centres.data(), centre_of.data());
  for (size_t k = 0; k < 5; ++k) {
    const std::vector<float> alone = mix(&centres[3 * size_t(centre_of[size_t(rows[2 * k])])], nullptr);
    for (size_t d = 0; d < 3; ++d) CHECK(key[3 * k + d] == alone[3 * k + d]);
  }
  CHECK(key != mix(centres.data(), nullptr));
}

template <class Run>
void check_short_mix(Run run) {
  const std::vector<float> z = {1, 0, -1, 0, 0, 1}, centre = {1, 0};
  std::vector<int32_t> rows = {0, 1, 1, kCentre, 2, kCentre};
  std::vector<float> weight = {.5f, .5f, .5f}, key(6, -9), norm(3, -9);
  const std::vector<float> fake_distance{kNoFake};
  const SourceRows from{z.data(), centre.data(), nullptr, nullptr, 3, 2};
  run(MixKeys{from, fake_distance.data(), rows.data(), weight.data(), key.data(), norm.data(), 3, 0});
  CHECK(rows[0] == kUnused);
  CHECK(rows[2] == kUnused);
  CHECK(rows[4] == 2);
  for (size_t i = 0; i < 4; ++i) CHECK(key[i] == 0);
  CHECK(norm[0] == 0);
  CHECK(norm[2] == doctest::Approx(std::sqrt(.5)));
}

// Several keys of one row, both sides of a pair, rows of the queue, keys not in use: exact on small integers.
template <class Run>
void check_route(Run run) {
  const int64_t batch = 5, dim = 3;
  const std::vector<int32_t> rows = {0,       kCentre, 0, kCentre, kUnused, kCentre, 2, 0,
                                     kUnused, 3,       4, 2,       5,       4,       1, 7};
  const std::vector<float> weight = {2, 1, 1, .25f, .5f, .5f, .75f, .5f};
  std::vector<float> dw, dz, truth;
  for (int64_t i = 0; i < 8 * dim; ++i) dw.push_back(float(4 * (i % 7) - 8));
  for (int64_t i = 0; i < batch * dim; ++i) dz.push_back(float(i));
  const std::vector<float> before = dz;
  for (const size_t arcs : {0, 2}) {
    truth = dz = before;
    for (size_t k = 0; k < 8; ++k)
      for (size_t d = 0; d < 3; ++d) {
        const auto x = rows[2 * k], y = rows[2 * k + 1];
        if (x == kUnused) continue;
        if (x < batch) truth[size_t(x) * 3 + d] += (k < arcs ? 1 : weight[k]) * dw[k * 3 + d];
        if (y != kCentre && y < batch) truth[size_t(y) * 3 + d] += (1 - weight[k]) * dw[k * 3 + d];
      }
    run(RouteMixes{dw.data(), rows.data(), weight.data(), dz.data(), batch, 8, dim, int64_t(arcs)});
    CHECK(dz == truth);
  }
}

TEST_SUITE("host") {
  TEST_CASE("synthesis: keys, guard, each row's own centre, mixes too short, routes back") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 50; ++index) check_keys(index, run);
      check_two_centres(run);
      check_short_mix(run);
      check_route(run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("synthesis for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 5; ++index) check_keys(index, run);
      check_two_centres(run);
      check_short_mix(run);
      check_route(run);
    });
  }
}

}  // namespace rc
