#include "kernels/draws.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "engine/host/isa.h"
#include "kernels/scalars.h"
#include "kernels/synthesis.h"
#include "tests/kernels/on_targets.h"

namespace rc {

struct Mixes {
  std::vector<int32_t> rows;
  std::vector<float> weight;
  std::vector<int32_t> owner;
  int32_t x(size_t k) const { return rows[2 * k]; }
  int32_t y(size_t k) const { return rows[2 * k + 1]; }
  bool operator==(const Mixes&) const = default;
};

struct Moment {
  std::vector<uint32_t> step{12};
  float on = 1;
  uint64_t seed = 7;
};

template <class Run>
Mixes extrapolate(const std::vector<int32_t>& marginal, int64_t reals, Run run, Moment at = {}) {
  Mixes out{std::vector<int32_t>(2 * marginal.size(), 99), std::vector<float>(marginal.size(), -9), {}};
  std::vector<float> scalars(kScalars, -9);
  scalars[kHardPositives] = at.on;
  run(DrawExtrapolations{marginal.data(), scalars.data(), at.step.data(), out.rows.data(), out.weight.data(),
                         reals, int64_t(marginal.size()) - reals, at.seed});
  return out;
}

struct Sets {
  std::vector<int32_t> hard;
  int64_t set_rows, pairs, with_centre, keys;
  std::vector<int32_t> label = std::vector<int32_t>(10, 1);
};

template <class Run>
Mixes fuse(const Sets& sets, Run run, Moment at = {}) {
  const auto keys = size_t(sets.keys);
  Mixes out{std::vector<int32_t>(2 * keys, 99), std::vector<float>(keys, -9), std::vector<int32_t>(keys, 99)};
  std::vector<float> scalars(kScalars, -9);
  scalars[kHardNegatives] = at.on;
  run(DrawFusions{sets.hard.data(), sets.label.data(), scalars.data(), at.step.data(), out.rows.data(),
                  out.weight.data(), out.owner.data(), int64_t(sets.label.size()), sets.set_rows, sets.pairs,
                  sets.with_centre, sets.keys, at.seed});
  return out;
}

int used(const Mixes& mixes, size_t from, size_t to) {
  int count = 0;
  for (size_t k = from; k < to; ++k) count += mixes.x(k) != kUnused;
  return count;
}

template <class Run>
void check_extrapolations(Run run) {
  const std::vector<int32_t> marginal = {4, 9, kUnused, 5, kUnused};
  const Mixes out = extrapolate(marginal, 3, run);
  for (size_t k = 0; k < 5; ++k) {
    CHECK(out.x(k) == marginal[k]);
    CHECK(out.y(k) == kCentre);
    CHECK(out.weight[k] > (k < 3 ? 1.f : .5f));
    CHECK(out.weight[k] < (k < 3 ? 2.f : 1.f));
  }
  CHECK(extrapolate(marginal, 3, run) == out);
  CHECK(extrapolate(marginal, 3, run, {.step = {13}}).weight != out.weight);
  CHECK(extrapolate(marginal, 3, run, {.seed = 8}).weight != out.weight);
  const Mixes off = extrapolate(marginal, 3, run, {.on = 0});
  CHECK(used(off, 0, 5) == 0);
  CHECK(off.weight == out.weight);
  // The reals' draws do not depend on the fakes.
  const Mixes reals = extrapolate({4, 9, kUnused}, 3, run);
  CHECK(std::equal(reals.weight.begin(), reals.weight.end(), out.weight.begin()));
}

template <class Run>
void check_fusions(Run run) {
  const Sets one{{3, 8, 6, kUnused}, 4, 40, 30, 70};
  const Mixes out = fuse(one, run);
  const auto is_hard = [&](int32_t row) { return row == 3 || row == 8 || row == 6; };
  std::map<std::pair<int, int>, int> seen;
  for (size_t k = 0; k < 40; ++k) {
    CHECK(is_hard(out.x(k)));
    CHECK(is_hard(out.y(k)));
    CHECK(out.x(k) != out.y(k));
    ++seen[{out.x(k), out.y(k)}];
  }
  CHECK(seen.size() ==
        6);  // a pair misses in 40 draws with probability 6 (5/6)^40 < 0.005; the seed is fixed
  for (size_t k = 40; k < 70; ++k) {
    CHECK(is_hard(out.x(k)));
    CHECK(out.y(k) == kCentre);
    CHECK(out.weight[k] > .5f);
    CHECK(out.weight[k] <= 1);
  }
  CHECK(out.owner == std::vector<int32_t>(70, 0));

  CHECK(fuse(one, run) == out);
  CHECK(fuse(one, run, {.step = {13}}).weight != out.weight);
  CHECK(fuse(one, run, {.seed = 8}).weight != out.weight);
  const Mixes off = fuse(one, run, {.on = 0});
  CHECK(used(off, 0, 70) == 0);
  CHECK(off.weight == out.weight);

  const Mixes one_fake = fuse({{5, kUnused}, 2, 4, 4, 8}, run);
  CHECK(used(one_fake, 0, 4) == 0);
  CHECK(used(one_fake, 4, 8) == 4);
  CHECK(used(fuse({{kUnused, kUnused}, 2, 4, 4, 8}, run), 0, 8) == 0);

  // Draws of one kind do not depend on how many there are of the other.
  const Mixes pairs = fuse({one.hard, 4, 40, 0, 40}, run), centres = fuse({one.hard, 4, 0, 30, 30}, run);
  for (size_t k = 0; k < 40; ++k) CHECK((pairs.x(k) == out.x(k) && pairs.weight[k] == out.weight[k]));
  for (size_t k = 0; k < 30; ++k)
    CHECK((centres.x(k) == out.x(40 + k) && centres.weight[k] == out.weight[40 + k]));
}

// Sets of fakes (rows 1 and 3, and rows of the queue from 4 on) and of reals (0 and 2), the last cut short.
template <class Run>
void check_sets(Run run) {
  const Sets sets{{3, 1, 4, 9, 0, 2, 2, kUnused}, 2, 3, 2, 18, {0, 1, 0, 1}};
  const Mixes out = fuse(sets, run);
  for (size_t k = 0; k < 18; ++k) {
    const size_t set = k / 5;
    const bool pair = k % 5 < 3;
    CHECK(out.owner[k] == int32_t(set));
    const int32_t a = sets.hard[2 * set], b = sets.hard[2 * set + 1], x = out.x(k), y = out.y(k);
    if (set == 3 || (set == 2 && !pair)) {  // one row alone; reals are not fused with the centre
      CHECK(x == kUnused);
    } else if (pair) {
      CHECK(((x == a && y == b) || (x == b && y == a)));
    } else {
      CHECK((x == a || x == b));
      CHECK(y == kCentre);
    }
  }
  // Each set draws for itself: no weight comes twice, and the first set's are those that it has alone.
  std::vector<float> weights = out.weight;
  std::sort(weights.begin(), weights.end());
  CHECK(std::adjacent_find(weights.begin(), weights.end()) == weights.end());
  const Mixes first = fuse({{3, 1}, 2, 3, 2, 5, {0, 1, 0, 1}}, run);
  CHECK(std::equal(first.rows.begin(), first.rows.end(), out.rows.begin()));
  CHECK(std::equal(first.weight.begin(), first.weight.end(), out.weight.begin()));
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

TEST_SUITE("host") {
  TEST_CASE("draws: what is mixed, from which rows, when switched on") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_extrapolations(run);
      check_fusions(run);
      check_sets(run);
    });
  }

  TEST_CASE("draws: the laws of the weights") {
    const size_t count = 100000;
    const auto part = [&](const Mixes& mixes, size_t which) {
      return std::vector<float>(mixes.weight.begin() + int64_t(which * count),
                                mixes.weight.begin() + int64_t((which + 1) * count));
    };
    const Launcher run{host_target()};
    const Mixes extrapolated = extrapolate(std::vector<int32_t>(2 * count, 0), count, run, {.step = {3}});
    const Mixes fused = fuse({{1, 2}, 2, count, count, 2 * count}, run, {.step = {3}});
    const std::vector<float> lambda = part(extrapolated, 0);
    CHECK(std::all_of(lambda.begin(), lambda.end(), [](float x) { return x > 1 && x < 2; }));
    check_moments(lambda, 1.5, 1. / 20, 3. / 560);                      // 1 + Beta(2, 2)
    check_moments(part(extrapolated, 1), .75, 1. / 80, 3. / 560 / 16);  // 1 - Beta(2, 2) / 2
    check_moments(part(fused, 0), .5, 1. / 12, 1. / 80);                // U(0, 1)
    check_moments(part(fused, 1), .75, 1. / 48, 1. / 1280);             // 1 - U(0, 1/2)
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("draws for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_extrapolations(run);
      check_fusions(run);
      check_sets(run);
    });
  }
}

}  // namespace rc
