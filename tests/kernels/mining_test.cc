#include "kernels/mining.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/rng.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/objective.h"

namespace rc {

std::vector<int32_t> padded(std::vector<int> rows, size_t capacity) {
  rows.resize(capacity, -1);
  return rows;
}

// Distances are multiples of 1/8, so that many are equal.
template <class Run>
void check_mining(uint32_t index, Run run) {
  CAPTURE(index);
  Rng rng(51, Purpose::test, index);
  const auto rows = int64_t(1 + rng.below(40)), max_fake = int64_t(rng.below(10));
  const double share = index % 2 ? .25 : .4;
  std::vector<int32_t> label;
  std::vector<float> distance;
  reference::Vector z;
  double fake_sum = 0;
  for (int64_t i = 0; i < rows; ++i) {
    label.push_back(index % 5 == 0 ? 0 : index % 5 == 1 ? 1 : int32_t(rng.below(2)));
    const float cosine = float(rng.below(17)) / 8 - 1;
    distance.push_back(1 - cosine);
    z.push_back(cosine);
    if (label.back() == 1) fake_sum += 1 - cosine;
  }
  const int64_t max_real = marginal_count(float(share), rows);
  std::vector<int32_t> marginal(size_t(max_real), 99), hard(size_t(max_fake), 99);
  float fake_distance = -9;
  run(MineHardRows{distance.data(), label.data(), marginal.data(), hard.data(), &fake_distance, rows,
                   max_real, max_fake, float(share)});
  CHECK(marginal == padded(reference::mine_positives(z, label, {1}, share), size_t(max_real)));
  CHECK(hard == padded(reference::mine_negatives(z, label, {1}, int(max_fake)), size_t(max_fake)));
  const auto fakes = std::count(label.begin(), label.end(), 1);
  if (fakes == 0) {
    CHECK(fake_distance == kNoFake);
  } else {
    CHECK(fake_distance == float(fake_sum) / float(fakes));  // eighths: the sum is exact
  }
}

// MineHardRows with the barrier between clearing and picking left out, as far as the picked fakes go.
struct MineWithoutBarrier {
  const float* distance;
  int32_t* hard_fake;
  int64_t rows;
  template <class Block>
  void operator()(Block block) const {
    for (int64_t k = block.lane(); k < rows; k += block.lanes()) hard_fake[k] = -1;
    for (int64_t i = block.lane(); i < rows; i += block.lanes()) {
      int64_t rank = 0;
      for (int64_t j = 0; j < rows; ++j)
        rank += distance[j] < distance[i] || (distance[j] == distance[i] && j < i);
      hard_fake[rank] = int32_t(i);
    }
  }
};

TEST_SUITE("host") {
  TEST_CASE("mining: the right rows, ties by index, batches without a class") {
    CHECK(marginal_count(.25f, 32) == 8);
    CHECK(marginal_count(.25f, 33) == 9);
    CHECK(marginal_count(.25f, 0) == 0);
    CHECK(marginal_count(1, 7) == 7);
    on_cpu_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 200; ++index) check_mining(index, run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("mining for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 10; ++index) check_mining(index, run);
    });
  }

  TEST_CASE("mining without its barrier is seen") {
    const std::vector<float> distance = {5, 4, 3, 2, 1, 0};
    const std::vector<int32_t> right = {5, 4, 3, 2, 1, 0};
    int wrong = 0;
    for (const uint64_t order : {0, 1, 2, 3}) {
      fiber_schedule() = {.lanes = 4, .order = order};
      std::vector<int32_t> hard(6, 99);
      const MineWithoutBarrier kernel{distance.data(), hard.data(), 6};
      run_fibers({.blocks = 1}, [&](Fiber block) { kernel(block); });
      wrong += hard != right;
    }
    fiber_schedule() = {};
    CHECK(wrong > 0);
  }
}

}  // namespace rc
