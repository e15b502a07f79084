#include "kernels/synthesis.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "engine/rng.h"
#include "kernels/mining.h"
#include "kernels/scalars.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/objective.h"

namespace rc {

struct Mixes {
  std::vector<int32_t> rows;
  std::vector<float> weight;
  int32_t x(size_t k) const { return rows[2 * k]; }
  int32_t y(size_t k) const { return rows[2 * k + 1]; }
  bool operator==(const Mixes&) const = default;
};

struct Switches {
  float positives = 1, negatives = 1;
};

template <class Run>
Mixes draw(const std::vector<int32_t>& marginal, const std::vector<int32_t>& hard, int64_t pairs,
           int64_t with_centre, uint32_t step, Run run, Switches on = {}, uint64_t seed = 7) {
  const size_t keys = marginal.size() + size_t(pairs + with_centre);
  Mixes out{std::vector<int32_t>(2 * keys, 99), std::vector<float>(keys, -9)};
  std::vector<float> scalars(kScalars, -9);
  scalars[kHardPositives] = on.positives, scalars[kHardNegatives] = on.negatives;
  run(DrawMixes{marginal.data(), hard.data(), scalars.data(), &step, out.rows.data(), out.weight.data(),
                int64_t(marginal.size()), int64_t(hard.size()), pairs, with_centre, seed});
  return out;
}

// Mean and variance of `draws` lie within four standard errors of the law's. `fourth` is its fourth central
// moment.
void check_moments(const std::vector<float>& draws, double mean, double variance, double fourth) {
  const auto n = double(draws.size());
  double sum = 0, square = 0;
  for (const float x : draws) sum += x, square += (x - mean) * (x - mean);
  CHECK(std::abs(sum / n - mean) < 4 * std::sqrt(variance / n));
  CHECK(std::abs(square / n - variance) < 4 * std::sqrt((fourth - variance * variance) / n));
}

template <class Run>
void check_draws(Run run) {
  const std::vector<int32_t> marginal = {4, 9, kUnused}, hard = {3, 8, 6, kUnused};
  const Mixes out = draw(marginal, hard, 40, 30, 12, run);
  for (size_t k = 0; k < 3; ++k) {
    CHECK(out.x(k) == marginal[k]);
    CHECK(out.y(k) == kCentre);
  }
  const auto is_hard = [&](int32_t row) { return row == 3 || row == 8 || row == 6; };
  std::map<std::pair<int, int>, int> seen;
  for (size_t k = 3; k < 43; ++k) {
    CHECK(is_hard(out.x(k)));
    CHECK(is_hard(out.y(k)));
    CHECK(out.x(k) != out.y(k));
    ++seen[{out.x(k), out.y(k)}];
  }
  CHECK(seen.size() ==
        6);  // a pair misses in 40 draws with probability 6 (5/6)^40 < 0.005; the seed is fixed
  for (size_t k = 43; k < 73; ++k) {
    CHECK(is_hard(out.x(k)));
    CHECK(out.y(k) == kCentre);
    CHECK(out.weight[k] > .5f);
    CHECK(out.weight[k] <= 1);
  }

  CHECK(draw(marginal, hard, 40, 30, 12, run) == out);
  CHECK(draw(marginal, hard, 40, 30, 13, run).weight != out.weight);
  CHECK(draw(marginal, hard, 40, 30, 12, run, {}, 8).weight != out.weight);

  const auto used = [](const Mixes& mixes, size_t from, size_t to) {
    int count = 0;
    for (size_t k = from; k < to; ++k) count += mixes.x(k) != kUnused;
    return count;
  };
  const Mixes no_positives = draw(marginal, hard, 40, 30, 12, run, {.positives = 0});
  CHECK(used(no_positives, 0, 3) == 0);
  CHECK(used(no_positives, 3, 73) == 70);
  const Mixes no_negatives = draw(marginal, hard, 40, 30, 12, run, {.negatives = 0});
  CHECK(used(no_negatives, 0, 3) == 2);
  CHECK(used(no_negatives, 3, 73) == 0);
  const Mixes one_fake = draw(marginal, {5, kUnused}, 4, 4, 12, run);
  CHECK(used(one_fake, 3, 7) == 0);
  CHECK(used(one_fake, 7, 11) == 4);
  CHECK(used(draw({}, {kUnused, kUnused}, 4, 4, 12, run), 0, 8) == 0);
}

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

  float fake_distance = 0;
  std::vector<float> distance;
  for (int64_t i = 0; i < batch; ++i) {
    distance.push_back(1);
    for (int64_t d = 0; d < dim; ++d) distance.back() -= z[size_t(i * dim + d)] * centre[d];
    if (label[size_t(i)] == 1) fake_distance += distance.back() / 4;
  }

  std::vector<int32_t> rows = {0, kCentre, 2,       kCentre, 4, kCentre, kUnused, kCentre,
                               1, 3,       kUnused, 3,       5, 5,       7,       kCentre};
  std::vector<float> weight = {1.1f, 1.5f, 1.9f, 1.5f, .3f, .3f, .5f, .8f};
  const std::vector<float> asked = weight;
  std::vector<float> key(8 * size_t(dim), -9), norm(8, -9);
  run(MixKeys{z.data(), centre, &fake_distance, rows.data(), weight.data(), key.data(), norm.data(), 8, dim,
              4});

  reference::Objective o{.positives = {{0, asked[0]}, {2, asked[1]}, {4, asked[2]}},
                         .negatives = {{1, 3, asked[4]}, {5, 5, asked[6]}, {-1, 7, 1 - double(asked[7])}}};
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
    CHECK((1 - along <= fake_distance + 1e-6f || weight[k] == 1));
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

template <class Run>
void check_short_mix(Run run) {
  const std::vector<float> z = {1, 0, -1, 0, 0, 1}, centre = {1, 0};
  std::vector<int32_t> rows = {0, 1, 1, kCentre, 2, kCentre};
  std::vector<float> weight = {.5f, .5f, .5f}, key(6, -9), norm(3, -9);
  const float fake_distance = kNoFake;
  run(MixKeys{z.data(), centre.data(), &fake_distance, rows.data(), weight.data(), key.data(), norm.data(), 3,
              2, 0});
  CHECK(rows[0] == kUnused);
  CHECK(rows[2] == kUnused);
  CHECK(rows[4] == 2);
  for (size_t i = 0; i < 4; ++i) CHECK(key[i] == 0);
  CHECK(norm[0] == 0);
  CHECK(norm[2] == doctest::Approx(std::sqrt(.5)));
}

// Several keys of one row, both sides of a pair, keys not in use: exact on small integers.
template <class Run>
void check_route(Run run) {
  const int64_t batch = 5, dim = 3;
  const std::vector<int32_t> rows = {0, kCentre, 0, kCentre, kUnused, kCentre, 2, 0, kUnused, 3, 4, 2};
  const std::vector<float> weight = {2, 1, 1, .25f, .5f, .5f};
  std::vector<float> dw, dz, truth;
  for (int64_t i = 0; i < 6 * dim; ++i) dw.push_back(float(4 * (i % 7) - 8));
  for (int64_t i = 0; i < batch * dim; ++i) dz.push_back(float(i));
  truth = dz;
  for (size_t k = 0; k < 6; ++k)
    for (size_t d = 0; d < 3; ++d) {
      if (rows[2 * k] == kUnused) continue;
      truth[size_t(rows[2 * k]) * 3 + d] += weight[k] * dw[k * 3 + d];
      if (rows[2 * k + 1] != kCentre)
        truth[size_t(rows[2 * k + 1]) * 3 + d] += (1 - weight[k]) * dw[k * 3 + d];
    }
  run(RouteMixes{dw.data(), rows.data(), weight.data(), dz.data(), batch, 6, dim});
  CHECK(dz == truth);
}

TEST_SUITE("host") {
  TEST_CASE("synthesis: what is drawn, from which rows, when switched on") {
    on_cpu_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_draws(run);
    });
  }

  TEST_CASE("synthesis: the laws of the weights") {
    const size_t count = 100000;
    const Mixes out = draw(std::vector<int32_t>(count, 0), {1, 2}, int64_t(count), int64_t(count), 3,
                           Launcher{host_target()});
    const auto part = [&](size_t which) {
      return std::vector<float>(out.weight.begin() + int64_t(which * count),
                                out.weight.begin() + int64_t((which + 1) * count));
    };
    const std::vector<float> lambda = part(0);
    CHECK(std::all_of(lambda.begin(), lambda.end(), [](float x) { return x > 1 && x < 2; }));
    check_moments(lambda, 1.5, 1. / 20, 3. / 560);    // 1 + Beta(2, 2)
    check_moments(part(1), .5, 1. / 12, 1. / 80);     // U(0, 1)
    check_moments(part(2), .75, 1. / 48, 1. / 1280);  // 1 - U(0, 1/2)
  }

  TEST_CASE("synthesis: keys, guard, mixes too short, routes back") {
    on_cpu_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 50; ++index) check_keys(index, run);
      check_short_mix(run);
      check_route(run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("synthesis for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_draws(run);
      for (uint32_t index = 0; index < 5; ++index) check_keys(index, run);
      check_short_mix(run);
      check_route(run);
    });
  }
}

}  // namespace rc
