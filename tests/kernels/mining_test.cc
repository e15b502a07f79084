#include "kernels/mining.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/rng.h"
#include "kernels/queue.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/mining.h"

namespace rc {

std::vector<int32_t> padded(std::vector<int> rows, size_t capacity) {
  rows.resize(std::min(rows.size(), capacity));
  rows.resize(capacity, -1);
  return rows;
}

// Some rows in the order that mining should find them: the largest score first, ties by row.
std::vector<int> sorted(std::vector<int> rows, const std::vector<float>& score) {
  std::stable_sort(rows.begin(), rows.end(),
                   [&](int a, int b) { return score[size_t(a)] > score[size_t(b)]; });
  return rows;
}

// Cosines are multiples of 1/8, so that many are equal.
float eighth(Rng& rng) { return float(rng.below(17)) / 8 - 1; }

template <class Run>
void check_mining(uint32_t index, Run run) {
  CAPTURE(index);
  Rng rng(51, Purpose::test, index);
  const bool many = index % 50 == 49;  // more than a GPU's block has lanes
  const auto rows = int64_t(many ? 300 + rng.below(300) : 1 + rng.below(40)),
             capacity = int64_t(rng.below(10));
  const double share = index % 2 ? .25 : .4;
  std::vector<int32_t> label;
  std::vector<float> distance;
  reference::Vector z;
  double fake_sum = 0;
  for (int64_t i = 0; i < rows; ++i) {
    label.push_back(index % 5 == 0 ? 0 : index % 5 == 1 ? 1 : int32_t(rng.below(2)));
    const float cosine = eighth(rng);
    distance.push_back(1 - cosine);
    z.push_back(cosine);
    if (label.back() == 1) fake_sum += 1 - cosine;
  }
  const int64_t marginal = marginal_count(float(share), rows);
  const auto mine = [&](int64_t places, int32_t of, bool farthest, float part) {
    std::vector<int32_t> picked(size_t(places), 99);
    run(MineRows{distance.data(), label.data(), picked.data(), rows, places, of, farthest, part});
    return picked;
  };
  CHECK(mine(marginal, 0, true, float(share)) ==
        padded(reference::mine_positives(z, label, {1}, share), size_t(marginal)));
  CHECK(mine(capacity, 1, false, 1) ==
        padded(reference::mine_negatives(z, label, {1}, int(capacity)), size_t(capacity)));
  // The other way round: marginal fakes are the nearest, hard reals the farthest.
  std::vector<int> of_class[2];
  for (int i = 0; i < int(rows); ++i) of_class[label[size_t(i)]].push_back(i);
  std::vector<float> cosine(z.begin(), z.end());
  std::vector<int> near = sorted(of_class[1], cosine);
  near.resize(size_t(marginal_count(float(share), int64_t(near.size()))));
  CHECK(mine(marginal, 1, false, float(share)) == padded(near, size_t(marginal)));
  CHECK(mine(capacity, 0, true, 1) == padded(sorted(of_class[0], distance), size_t(capacity)));

  std::vector<float> fake_distance(1, -9);
  run(FakeDistance{distance.data(), label.data(), fake_distance.data(), rows});
  const auto fakes = std::count(label.begin(), label.end(), 1);
  if (fakes == 0) {
    CHECK(fake_distance[0] == kNoFake);
  } else {
    CHECK(fake_distance[0] == float(fake_sum) / float(fakes));  // eighths: the sum is exact
  }
}

// Candidates of a queue that is partly filled, for one hard set and for each row's own.
template <class Run>
void check_queue_and_neighbours(uint32_t index, Run run) {
  CAPTURE(index);
  Rng rng(52, Purpose::test, index);
  const auto rows = int64_t(1 + rng.below(20)), queue = int64_t(1 + rng.below(30)),
             capacity = int64_t(1 + rng.below(12));
  const std::vector<int32_t> state{0, int32_t(rng.below(uint32_t(queue + 1)))};
  const int32_t queued = state[kQueueCount];
  std::vector<int32_t> label;
  for (int64_t i = 0; i < rows; ++i)
    label.push_back(index % 7 == 0 ? int32_t(index % 2) : int32_t(rng.below(2)));
  const auto draw = [&](int64_t count) {
    std::vector<float> x;
    for (int64_t i = 0; i < count; ++i) x.push_back(eighth(rng));
    return x;
  };
  const std::vector<float> similarity = draw(rows * rows), queue_similarity = draw(rows * queue),
                           distance = draw(rows), queue_distance = draw(queue);
  const auto candidates = [&](int of, bool with_queue) {
    std::vector<int> some;
    for (int i = 0; i < int(rows); ++i)
      if (label[size_t(i)] == of) some.push_back(i);
    for (int i = 0; with_queue && i < queued; ++i) some.push_back(int(rows) + i);
    return some;
  };

  std::vector<float> nearness;
  for (const float x : distance) nearness.push_back(-x);
  for (const float x : queue_distance) nearness.push_back(-x);
  std::vector<int32_t> hard(size_t(capacity), 99);
  run(MineRows{distance.data(), label.data(), hard.data(), rows, capacity, 1, false, 1, queue_distance.data(),
               state.data() + kQueueCount});
  CHECK(hard == padded(sorted(candidates(1, true), nearness), size_t(capacity)));

  for (const bool for_fakes : {false, true})
    for (const bool with_queue : {false, true}) {
      std::vector<int32_t> picked(size_t(rows * capacity), 99), truth;
      run(MineNeighbours{similarity.data(), label.data(), picked.data(), rows, capacity, for_fakes,
                         with_queue ? queue_similarity.data() : nullptr,
                         with_queue ? state.data() + kQueueCount : nullptr, queue});
      for (int64_t i = 0; i < rows; ++i) {
        std::vector<float> score(similarity.begin() + i * rows, similarity.begin() + (i + 1) * rows);
        score.insert(score.end(), queue_similarity.begin() + i * queue,
                     queue_similarity.begin() + (i + 1) * queue);
        const bool fake = label[size_t(i)] == 1;
        const auto own =
            padded(fake && !for_fakes ? std::vector<int>{}
                                      : sorted(candidates(fake ? 0 : 1, with_queue && !fake), score),
                   size_t(capacity));
        truth.insert(truth.end(), own.begin(), own.end());
      }
      CHECK(picked == truth);
    }
}

// PushQueue against a deque: batches of other sizes, one with more fakes than the queue has places.
template <class Run>
void check_queue(Run run) {
  const int64_t dim = 3, capacity = 5;
  std::vector<float> fake(size_t(capacity * dim), -9);
  std::vector<int32_t> state(kQueueStates, 0);
  std::vector<int> history;  // number of every fake so far
  Rng rng(53, Purpose::test);
  int number = 0;
  for (const int64_t rows : {2, 1, 3, 4, 16, 3, 0, 2}) {
    CAPTURE(rows);
    std::vector<float> z;
    std::vector<int32_t> label;
    for (int64_t i = 0; i < rows; ++i) {
      label.push_back(rng.below(4) > 0);
      for (int64_t d = 0; d < dim; ++d) z.push_back(float(number * dim + d));
      if (label.back()) history.push_back(number);
      ++number;
    }
    run(PushQueue{z.data(), label.data(), fake.data(), state.data(), rows, dim, capacity});
    const auto seen = int64_t(history.size());
    CHECK(state[kQueueNext] == seen % capacity);
    CHECK(state[kQueueCount] == std::min(seen, capacity));
    for (int64_t place = 0; place < capacity; ++place) {
      int64_t last = -1;  // the latest fake that went to this place
      for (int64_t n = place; n < seen; n += capacity) last = n;
      for (int64_t d = 0; d < dim; ++d)
        CHECK(fake[size_t(place * dim + d)] == (last < 0 ? -9 : float(history[size_t(last)] * dim + d)));
    }
  }
  CHECK(history.size() > 16);  // it went round more than three times
}

// MineRows whose lanes do not meet to agree on the best row: each writes its own.
struct MineWithoutAgreement {
  const float* distance;
  int32_t* picked;
  int64_t rows;
  template <class Block>
  void operator()(Block block) const {
    int64_t best = -1;
    for (int64_t i = block.lane(); i < rows; i += block.lanes())
      if (best < 0 || distance[i] < distance[best]) best = i;
    *picked = int32_t(best);
  }
};

TEST_SUITE("host") {
  TEST_CASE("mining: the right rows, ties by index, batches without a class, a queue") {
    CHECK(marginal_count(.25f, 32) == 8);
    CHECK(marginal_count(.25f, 33) == 9);
    CHECK(marginal_count(.25f, 0) == 0);
    CHECK(marginal_count(1, 7) == 7);
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 200; ++index) check_mining(index, run);
      for (uint32_t index = 0; index < 100; ++index) check_queue_and_neighbours(index, run);
    });
  }

  TEST_CASE("queue of fakes: first in, first out, round and round") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_queue(run);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("mining and the queue for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 10; ++index) check_mining(index, run);
      for (uint32_t index = 0; index < 5; ++index) check_queue_and_neighbours(index, run);
      check_queue(run);
    });
  }

  TEST_CASE("mining whose lanes do not meet is seen") {
    const std::vector<float> distance = {5, 4, 0, 2, 1, 3};
    int wrong = 0;
    for (const uint64_t order : {0, 1, 2, 3}) {
      fiber_schedule() = {.lanes = 4, .order = order};
      int32_t nearest = 99;
      const MineWithoutAgreement kernel{distance.data(), &nearest, 6};
      run_fibers({.blocks = 1}, [&](Fiber block) { kernel(block); });
      wrong += nearest != 2;
    }
    fiber_schedule() = {};
    CHECK(wrong > 0);
  }
}

}  // namespace rc
