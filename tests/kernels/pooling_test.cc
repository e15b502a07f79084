#include "kernels/pooling.h"

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

std::vector<Pooling> poolings() {
  std::vector<Pooling> all;
  for (const int64_t c : {1, 3, 16, 24, 64})
    for (const auto& [h, w] : {std::pair<int64_t, int64_t>{1, 1}, {2, 3}, {7, 7}, {33, 18}})
      for (const auto& [kernel, stride, pad] :
           {std::tuple<int64_t, int64_t, int64_t>{3, 2, 1}, {2, 2, 0}, {5, 3, 2}, {3, 1, 1}}) {
        if (h + 2 * pad < kernel || w + 2 * pad < kernel) continue;
        for (const int64_t block : {int64_t(1), int64_t(16), c})
          if (c % block == 0 && (block != 1 || c <= 3))
            all.push_back({2, h, w, c, block, kernel, stride, pad});
      }
  return all;
}

struct Pooled {
  std::vector<double> y, argmax, dx;  // NHWC
};

// The obvious loops, by scattering.
Pooled pooled(const Pooling& p, const std::vector<double>& x, const std::vector<double>& dy) {
  Pooled out{{}, {}, std::vector<double>(x.size(), 0.0)};
  for (int64_t n = 0; n < p.images; ++n)
    for (int64_t oh = 0; oh < p.out_height(); ++oh)
      for (int64_t ow = 0; ow < p.out_width(); ++ow)
        for (int64_t c = 0; c < p.channels; ++c) {
          double best = -INFINITY;
          int64_t place = -1, from = -1;
          for (int64_t r = 0; r < p.kernel; ++r)
            for (int64_t s = 0; s < p.kernel; ++s) {
              const int64_t h = oh * p.stride - p.pad + r, w = ow * p.stride - p.pad + s;
              if (h < 0 || w < 0 || h >= p.height || w >= p.width) continue;
              const int64_t at = ((n * p.height + h) * p.width + w) * p.channels + c;
              if (place < 0 || x[size_t(at)] > best)
                best = x[size_t(at)], place = r * p.kernel + s, from = at;
            }
          out.dx[size_t(from)] += dy[out.y.size()];
          out.y.push_back(best), out.argmax.push_back(double(place));
        }
  return out;
}

template <class T>
void check_pool(const Launcher& run, const Pooling& p) {
  const auto x = integers(p.in().size(), -3, 3, 1), dy = integers(p.out().size(), -8, 8, 2);  // many ties
  const Pooled want = pooled(p, x, dy);
  const auto fx = stored<T>(x, p.in()), fdy = stored<T>(dy, p.out());
  std::vector<T> y(fdy), dx(fx);
  std::vector<uint8_t> argmax(y.size(), 255);
  run(MaxPool<T>{fx.data(), y.data(), argmax.data(), p});
  CHECK(nhwc(y, p.out()) == want.y);
  CHECK(nhwc(argmax, p.out()) == want.argmax);
  std::vector<T> alone(fdy);  // without the places
  run(MaxPool<T>{fx.data(), alone.data(), nullptr, p});
  CHECK(nhwc(alone, p.out()) == want.y);
  run(MaxPoolBackward<T>{fdy.data(), argmax.data(), dx.data(), p});
  CHECK(nhwc(dx, p.in()) == want.dx);
}

// Of what a norm makes of x: halves of small integers, so exact, and negative scales turn the order round.
template <class T>
void check_pool_of_norm(const Launcher& run, const Pooling& p) {
  const auto x = integers(p.in().size(), -3, 3, 1), dy = integers(p.out().size(), -8, 8, 2);
  const auto mean = floats(integers(p.channels, -2, 2, 3)), gamma = floats(integers(p.channels, -2, 2, 4)),
             beta = floats(integers(p.channels, -2, 2, 5));
  const std::vector<float> rstd(mean.size(), 0.5f);
  std::vector<double> z(x);
  for (size_t i = 0; i < z.size(); ++i) {
    const size_t c = i % mean.size();
    z[i] = (x[i] - double(mean[c])) * double(gamma[c] * rstd[c]) + double(beta[c]);
  }
  const Pooled want = pooled(p, z, dy);
  const auto fx = stored<T>(x, p.in());
  for (const bool relu : {false, true}) {
    std::vector<T> y(stored<T>(dy, p.out()));
    std::vector<uint8_t> argmax(y.size(), 255);
    run(MaxPoolOfNorm<T>{
        fx.data(), y.data(), argmax.data(), p, {mean.data(), rstd.data(), gamma.data(), beta.data()}, relu});
    auto expected = want.y;
    for (double& v : expected) v = relu ? std::max(v, 0.0) : v;
    CHECK(nhwc(y, p.out()) == expected);
    CHECK(nhwc(argmax, p.out()) == want.argmax);
  }
}

template <class T>
void check_sums(const Launcher& run, const Channels& shape) {
  const auto x = integers(shape.size(), -4, 4, 3), dy = integers(shape.images * shape.channels, -4, 4, 4);
  std::vector<double> want(dy.size(), 0.0), spread(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t n = i / size_t(shape.pixels * shape.channels), c = i % size_t(shape.channels);
    want[n * size_t(shape.channels) + c] += 0.5 * x[i];
    spread[i] = 0.5 * dy[n * size_t(shape.channels) + c];
  }
  const auto fx = stored<T>(x, shape);
  const auto fdy = floats(dy);
  std::vector<float> out(dy.size(), NAN);
  std::vector<T> dx(fx);
  run(SumPixels<T>{fx.data(), out.data(), shape, 0.5f});
  CHECK(std::vector<double>(out.begin(), out.end()) == want);
  run(SpreadPixels<T>{fdy.data(), dx.data(), shape, 0.5f});
  CHECK(nhwc(dx, shape) == spread);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE(
      "max pooling and its gradient equal the plain loops, the first among equals, behind a norm as well") {
    for (const Pooling& p : poolings())
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        CAPTURE(p.channels);
        CAPTURE(p.block);
        CAPTURE(p.height);
        CAPTURE(p.kernel);
        check_pool<float>(run, p);
        check_pool<Bf16>(run, p);
        check_pool_of_norm<float>(run, p);
        check_pool_of_norm<Bf16>(run, p);
      });
  }

  TEST_CASE("max pooling passes NaN on, and takes a window of nothing but -infinity") {
    const Pooling p{1, 4, 4, 1, 1, 3, 2, 1};
    std::vector<float> x(16, -INFINITY), y(4);
    std::vector<uint8_t> argmax(4);
    x[15] = NAN;
    Launcher{Target::v3}(MaxPool<float>{x.data(), y.data(), argmax.data(), p});
    CHECK(y[0] == -INFINITY);
    CHECK(argmax[0] == 4);  // the first pixel of the image is the middle of the first window
    CHECK(std::isnan(y[3]));
    CHECK(argmax[3] == 8);
    Launcher{Target::v3}(MaxPool<float>{x.data(), y.data(), nullptr, p});
    CHECK(std::isnan(y[3]));
  }

  TEST_CASE("sums over pixels and their gradient are exact, in every storage") {
    for (const Channels& shape : every_storage())
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        CAPTURE(shape.pixels);
        CAPTURE(shape.channels);
        CAPTURE(shape.block);
        check_sums<float>(run, shape);
        check_sums<Bf16>(run, shape);
      });
  }

  // Runs of 32 pixels are summed in float, the rest in double: within 32 roundings of the sum of magnitudes.
  TEST_CASE("global average pooling stays within rounding") {
    const Channels shape{2, 1000, 24, 24};
    const auto x = reals(shape.size(), -1, 1, 5);
    const auto want = reference::average_pool(2, 1000, 24, x);
    const auto fx = floats(x);
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      std::vector<float> out(48);
      run(SumPixels<float>{fx.data(), out.data(), shape, 1.0f / 1000});
      const std::vector<double> got(out.begin(), out.end()), bound(48, 33 * double(FLT_EPSILON) / 2);
      CHECK(worst_share(got, want, bound) <= 1);
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("pooling is exact for any number and order of lanes") {
    on_fibers([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_pool<float>(run, {1, 9, 7, 20, 20, 3, 2, 1});
      check_pool<Bf16>(run, {1, 9, 7, 16, 16, 3, 2, 1});
      check_pool<float>(run, {1, 5, 5, 3, 3, 2, 2, 0});
      check_sums<float>(run, {2, 600, 20, 20});
      check_sums<Bf16>(run, {2, 50, 24, 8});
      check_sums<float>(run, {1, 40, 3, 3});
    });
  }

  TEST_CASE("leaving out either barrier of the sums is seen") {
    const Channels shape{1, 600, 16, 16};
    std::vector<float> x(size_t(shape.size()));
    for (size_t i = 0; i < x.size(); ++i) x[i] = float(1 + i / 16 / kTilePixels);  // 1, 2, 3 by chunk
    for (const int64_t left_out : {0, 1}) {
      int wrong = 0;
      for (const uint64_t order : {0, 1, 2, 3}) {
        fiber_schedule() = {.lanes = 8, .order = order, .left_out = left_out};
        std::vector<float> out(16);
        Launcher{Target::fibers}(SumPixels<float>{x.data(), out.data(), shape, 1.0f});
        for (const float v : out) wrong += !(v == 256 + 2 * 256 + 3 * 88);
      }
      CHECK(wrong > 0);
    }
    fiber_schedule() = {};
  }
}

}  // namespace rc
