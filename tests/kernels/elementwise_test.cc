#include "kernels/elementwise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

namespace rc {

namespace {

// Every kernel over whole numbers, in place where it may be.
template <class T>
void check_elements(const Launcher& run, int64_t n) {
  const size_t size = size_t(n);
  const auto a = integers(n, -9, 9, 1), b = integers(n, -9, 9, 2);
  const Channels flat{1, n, 1, 1};
  const auto fa = stored<T>(a, flat), fb = stored<T>(b, flat);
  std::vector<double> scaled(size), summed(size), added(size), kept(size), passed(size);
  for (size_t i = 0; i < size; ++i) {
    scaled[i] = 0.5 * a[i], summed[i] = a[i] - 2 * b[i], added[i] = a[i] + b[i];
    kept[i] = a[i] > 0 ? a[i] : 0, passed[i] = a[i] > 0 ? b[i] : 0;
  }
  std::vector<T> out(fa);
  run(Scale<T>{out.data(), out.data(), 0.5f, n});
  CHECK(nhwc(out, flat) == scaled);
  out = fb;
  run(AddScaled<T>{fa.data(), out.data(), out.data(), -2, n});
  CHECK(nhwc(out, flat) == summed);
  out = fa;
  run(Add<T>{out.data(), fb.data(), out.data(), n});
  CHECK(nhwc(out, flat) == added);
  out = fa;
  run(Relu<T>{out.data(), out.data(), n});
  CHECK(nhwc(out, flat) == kept);
  out = fb;
  run(ReluBackward<T>{fa.data(), out.data(), out.data(), n});
  CHECK(nhwc(out, flat) == passed);
  run(Fill<T>{out.data(), T(3.0f), n});
  CHECK(nhwc(out, flat) == std::vector<double>(size, 3.0));
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("add is exact on small integers, for any length, in place too") {
    for (const int64_t n : {0, 1, 15, 16384, 16385, 40000}) {
      std::vector<float> a(size_t(n) + 1, -1), b(a), sum(a);
      for (int64_t i = 0; i < n; ++i)
        a[size_t(i)] = float(i % 251), b[size_t(i)] = float(i % 17 - 8),
        sum[size_t(i)] = float(i % 251 + i % 17 - 8);
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        std::vector<float> out(a);
        run(Add<float>{out.data(), b.data(), out.data(), n});
        CHECK(out == sum);
      });
    }
  }

  TEST_CASE("scale, add scaled, ReLU, its gradient and fill are exact, in place too") {
    for (const int64_t n : {0, 1, 15, 16385, 40000})
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        check_elements<float>(run, n);
        check_elements<Bf16>(run, n);
      });
  }

  TEST_CASE("casts round to nearest even and keep infinities and NaN") {
    const std::vector<float> a{1.0f, 0x1.01p0f, 0x1.03p0f, 0x1.0101p0f, -0.0f, INFINITY, 3.4e38f, 1e-45f};
    const std::vector<float> want{1.0f, 1.0f, 0x1.04p0f, 0x1.02p0f, -0.0f, INFINITY, INFINITY, 0};
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      std::vector<Bf16> half(8);
      std::vector<float> back(8), nan{NAN};
      run(Cast<float, Bf16>{a.data(), half.data(), 8});
      run(Cast<Bf16, float>{half.data(), back.data(), 8});
      CHECK(back == want);
      run(Cast<float, Bf16>{nan.data(), half.data(), 1});
      run(Cast<Bf16, float>{half.data(), nan.data(), 1});
      CHECK(std::isnan(nan[0]));
      run(Relu<float>{nan.data(), nan.data(), 1});
      CHECK(std::isnan(nan[0]));
    });
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
  TEST_CASE("elements are handled by any number of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_elements<float>(run, 16390);
      check_elements<Bf16>(run, 37);
    });
  }

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
