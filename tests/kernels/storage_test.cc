#include "kernels/storage.h"

#include <doctest/doctest.h>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

template <class T>
void check_conversion(const Launcher& run, const Channels& from, int64_t block) {
  const auto x = integers(from.size(), -100, 100, 1);
  const auto fx = stored<T>(x, from);
  std::vector<T> y(fx.size(), T(1000.0f));
  run(ConvertStorage<T>{fx.data(), y.data(), from, block});
  Channels to = from;
  to.block = block;
  CHECK(nhwc(y, to) == x);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("every storage converts to every other") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t c : {3, 48})
        for (const int64_t p : {1, 64, 131})
          for (const int64_t from : {1, 3, 16, 24, 48})
            for (const int64_t to : {1, 3, 16, 24, 48}) {
              if (c % from != 0 || c % to != 0) continue;
              CAPTURE(from);
              CAPTURE(to);
              check_conversion<float>(run, {2, p, c, from}, to);
              check_conversion<Bf16>(run, {2, p, c, from}, to);
            }
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("storage is converted by any number of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_conversion<float>(run, {2, 70, 48, 48}, 16);
      check_conversion<Bf16>(run, {1, 5, 48, 1}, 24);
    });
  }
}

}  // namespace rc
