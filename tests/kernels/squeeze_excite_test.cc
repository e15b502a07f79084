#include "kernels/squeeze_excite.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

// Whole numbers and halves, the mean's gradient a multiple of the pixels: everything is exact, in bf16 as
// well.
template <class T>
void check_exact(const Launcher& run, const Channels& shape, bool in_place) {
  const int64_t rows = shape.images * shape.channels;
  const auto x = integers(shape.size(), -4, 4, 1), dy = integers(shape.size(), -4, 4, 2);
  auto gate = integers(rows, 0, 4, 3), dmean = integers(rows, -4, 4, 4);
  std::vector<double> y(x), dgate(gate.size(), 0.0), dx(dy);
  for (double& v : gate) v /= 2;
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t n = i / size_t(shape.pixels * shape.channels),
                 at = n * size_t(shape.channels) + i % size_t(shape.channels);
    y[i] *= gate[at];
    dgate[at] += dy[i] * x[i];
    dx[i] = dy[i] * gate[at] + dmean[at];
  }
  for (double& v : dmean) v *= double(shape.pixels);
  const auto fx = stored<T>(x, shape), fdy = stored<T>(dy, shape);
  const auto fgate = floats(gate), fdmean = floats(dmean);
  std::vector<T> got_y(fx), got_dx(fdy);
  std::vector<float> got_dgate(gate.size(), NAN);
  run(ScaleChannels<T>{in_place ? got_y.data() : fx.data(), fgate.data(), got_y.data(), shape});
  run(GateGradient<T>{fx.data(), fdy.data(), got_dgate.data(), shape});
  run(ScaleChannelsBackward<T>{in_place ? got_dx.data() : fdy.data(), fgate.data(), fdmean.data(),
                               got_dx.data(), shape});
  CHECK(nhwc(got_y, shape) == y);
  CHECK(std::vector<double>(got_dgate.begin(), got_dgate.end()) == dgate);
  CHECK(nhwc(got_dx, shape) == dx);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("scaling channels and its gradients are exact, in every storage, in place too") {
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

  TEST_CASE("leaving out a barrier of a gate's gradient is seen") {
    const Channels shape{1, 600, 16, 16};
    const std::vector<float> ones(size_t(shape.size()), 1);
    std::vector<float> x(ones);
    for (size_t i = 0; i < x.size(); ++i) x[i] = float(1 + i / 16 / kTilePixels);  // 1, 2, 3 by chunk
    for (const int64_t left_out : {0, 1}) {
      int wrong = 0;
      for (const uint64_t order : {0, 1, 2, 3}) {
        fiber_schedule() = {.lanes = 8, .order = order, .left_out = left_out};
        std::vector<float> dgate(16);
        Launcher{Target::fibers}(GateGradient<float>{x.data(), ones.data(), dgate.data(), shape});
        for (const float v : dgate) wrong += !(v == 256 + 2 * 256 + 3 * 88);
      }
      CHECK(wrong > 0);
    }
    fiber_schedule() = {};
  }
}

}  // namespace rc
