#include "engine/planner.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/rng.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("a chain of buffers needs the two that live together") {
    const std::vector<Lifetime> chain = {{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}};
    CHECK(place(chain).peak == 2 * 1024);
  }

  TEST_CASE("buffers that live together never overlap, and the peak is near the lower bound") {
    Rng rng(1, Purpose::test);
    for (int round = 0; round < 50; ++round) {
      std::vector<Lifetime> buffers;
      for (int i = 0; i < 60; ++i) {
        const int first = int(rng.below(100));
        buffers.push_back({rng.below(10000), first, first + int(rng.below(20))});
      }
      const Placement placement = place(buffers);
      size_t lower = 0;
      for (int step = 0; step < 120; ++step) {
        size_t live = 0;
        for (const auto& b : buffers)
          live += b.first <= step && step <= b.last ? (b.bytes + 63) / 64 * 64 : 0;
        lower = std::max(lower, live);
      }
      CHECK(placement.peak >= lower);
      CHECK(double(placement.peak) <= 1.35 * double(lower));
      for (size_t i = 0; i < buffers.size(); ++i) {
        CHECK(placement.offset[i] % 64 == 0);
        CHECK(placement.offset[i] + buffers[i].bytes <= placement.peak);
        for (size_t j = 0; j < i; ++j) {
          const bool together = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
          const bool apart = placement.offset[i] + buffers[i].bytes <= placement.offset[j] ||
                             placement.offset[j] + buffers[j].bytes <= placement.offset[i];
          CHECK((!together || apart || buffers[i].bytes == 0 || buffers[j].bytes == 0));
        }
      }
    }
  }
}

}  // namespace rc
