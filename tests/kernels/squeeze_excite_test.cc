#include "kernels/squeeze_excite.h"

#include <doctest/doctest.h>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

// Whole numbers and halves: everything is exact, in bf16 as well.
template <class T>
void check_exact(const Launcher& run, const Channels& shape, bool in_place) {
  const auto x = integers(shape.size(), -4, 4, 1);
  auto gate = integers(shape.images * shape.channels, 0, 4, 3);
  std::vector<double> y(x);
  for (double& v : gate) v /= 2;
  for (size_t i = 0; i < x.size(); ++i)
    y[i] *=
        gate[i / size_t(shape.pixels * shape.channels) * size_t(shape.channels) + i % size_t(shape.channels)];
  const auto fx = stored<T>(x, shape);
  const auto fgate = floats(gate);
  std::vector<T> got(fx);
  run(ScaleChannels<T>{in_place ? got.data() : fx.data(), fgate.data(), got.data(), shape});
  CHECK(nhwc(got, shape) == y);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("scaling channels is exact, in every storage, in place too") {
    for (const Channels& shape : every_storage())
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        CAPTURE(shape.pixels);
        CAPTURE(shape.channels);
        CAPTURE(shape.block);
        check_exact<float>(run, shape, shape.pixels == 49);
        check_exact<Bf16>(run, shape, shape.pixels != 49);
      });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("scaling channels is exact for any number and order of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_exact<float>(run, {2, 600, 20, 20}, true);
      check_exact<Bf16>(run, {2, 50, 24, 8}, false);
      check_exact<float>(run, {1, 40, 3, 3}, false);
    });
  }
}

}  // namespace rc
