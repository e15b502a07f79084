#include "kernels/elementwise.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/kernels/on_targets.h"

namespace rc {

TEST_SUITE("host") {
  TEST_CASE("add is exact on small integers, for any length, in place too") {
    for (const int64_t n : {0, 1, 15, 16384, 16385, 40000}) {
      std::vector<float> a(size_t(n) + 1, -1), b(a), sum(a);
      for (int64_t i = 0; i < n; ++i)
        a[size_t(i)] = float(i % 251), b[size_t(i)] = float(i % 17 - 8),
        sum[size_t(i)] = float(i % 251 + i % 17 - 8);
      on_cpu_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        std::vector<float> out(a);
        run(Add<float>{out.data(), b.data(), out.data(), n});
        CHECK(out == sum);
      });
    }
  }
}

// A sum through shared memory whose barrier is left out: the fibers rung must see it.
struct SumWithoutBarrier {
  float* out;
  Grid grid() const { return {.blocks = 1, .shared = 64 * sizeof(float)}; }
  template <class Block>
  void operator()(Block block) const {
    float* held = block.template shared<float>(64);
    held[block.lane()] = 1;
    float total = 0;
    for (int i = 0; i < block.lanes(); ++i) total += held[i];
    if (block.lane() == 0) *out = total;
  }
};

TEST_SUITE("fibers") {
  TEST_CASE("a planted missing barrier is seen") {
    int wrong = 0;
    for (const uint64_t order : {0, 1, 2, 3}) {
      fiber_schedule() = {.lanes = 8, .order = order};
      float out = 0;
      const SumWithoutBarrier kernel{&out};
      run_fibers(kernel.grid(), [&](Fiber block) { kernel(block); });
      wrong += out != 8;
    }
    fiber_schedule() = {};
    CHECK(wrong > 0);
  }
}

}  // namespace rc
