#include "kernels/gated_norm.h"

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

constexpr double kEps = FLT_EPSILON / 2;  // of one float rounding

// A layer with statistics, gates and gradients made up, and what the kernels are to make of it, in double.
struct Layer {
  Channels shape;
  std::vector<double> x, dy;                                   // NHWC
  std::vector<double> mean, rstd, gamma, beta, dgamma, dbeta;  // [C]; the last two are made up
  std::vector<double> gate, dmeans;                            // [N, C]
  std::vector<double> means, y, dgate, of_gamma, of_beta, dx;

  template <class T>
  Layer(const Channels& s, T) : shape(s) {
    const int64_t c = s.channels, rows = s.images * c;
    const double count = double(s.images * s.pixels), pixels = double(s.pixels);
    x = reals(s.size(), -2, 2, 1), dy = reals(s.size(), -1, 1, 2);
    for (auto* v : {&x, &dy})
      for (double& value : *v) value = double(float(T(float(value))));
    mean = reals(c, -2, 2, 3), rstd = reals(c, 0.5f, 1, 4), gamma = reals(c, 0.5f, 1.5f, 5);
    beta = reals(c, -1, 1, 6), dgamma = reals(c, -1, 1, 7), dbeta = reals(c, -1, 1, 8);
    gate = reals(rows, 0, 1, 9), dmeans = reals(rows, -1, 1, 10);
    for (double& v : dmeans) v = double(float(v * pixels));
    for (auto* v : {&dgamma, &dbeta})
      for (double& value : *v) value = double(float(value * count));
    means.assign(size_t(rows), 0), dgate = means;
    of_gamma.assign(size_t(c), 0), of_beta = of_gamma;
    y.resize(x.size()), dx.resize(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t k = i % size_t(c), at = i / size_t(s.pixels * c) * size_t(c) + k;
      const double away = x[i] - mean[k], z = away * gamma[k] * rstd[k] + beta[k];
      const double g = (dy[i] * gate[at] + dmeans[at] / pixels) * reference::silu_slope(z);
      y[i] = gate[at] * reference::silu(z);
      means[at] += reference::silu(z) / pixels;
      dgate[at] += dy[i] * reference::silu(z);
      of_beta[k] += g, of_gamma[k] += g * away * rstd[k];
      dx[i] = gamma[k] * rstd[k] * (g - dbeta[k] / count - away * rstd[k] * dgamma[k] / count);
    }
  }
};

// The roundings that each value may be off by, and half a unit of bf16 in what is written as such.
template <class T>
std::vector<double> bounds(const std::vector<double>& want, double roundings) {
  std::vector<double> out(want.size(), roundings * kEps);
  if (sizeof(T) == 2)
    for (size_t i = 0; i < out.size(); ++i) out[i] += std::abs(want[i]) / 256;
  return out;
}
std::vector<double> doubles(const std::vector<float>& x) { return {x.begin(), x.end()}; }

template <class T>
void check(const Launcher& run, const Channels& shape, bool in_place) {
  const Layer layer(shape, T());
  const auto x = stored<T>(layer.x, shape), dy = stored<T>(layer.dy, shape);
  const auto mean = floats(layer.mean), rstd = floats(layer.rstd), gamma = floats(layer.gamma),
             beta = floats(layer.beta), gate = floats(layer.gate), dmeans = floats(layer.dmeans),
             dgamma = floats(layer.dgamma), dbeta = floats(layer.dbeta);
  const size_t c = size_t(shape.channels), rows = size_t(shape.images) * c, parts = size_t(chunks(shape)) * c;
  const double pixels = double(shape.pixels), count = double(shape.images * shape.pixels);

  // |x - mean| <= 4 and scale <= 1.5, so z, at most 7, is off by 19 roundings. SiLU's slope is at most 1.1
  // and its own error 8 roundings of 7: each silu(z) is off by 77. A run adds up 32 of them: 31 roundings
  // of 7.
  std::vector<float> partial(5 * parts, NAN), means(rows, NAN);
  run(GatedNormPartial<T>{x.data(), partial.data(), mean.data(), rstd.data(), gamma.data(), beta.data(),
                          shape});
  run(SumChunks{partial.data(), means.data(), shape, 1, 1 / float(shape.pixels)});
  CHECK(worst_share(doubles(means), layer.means, bounds<float>(layer.means, 77 + 32 * 7)) <= 1);

  std::vector<T> y(x);
  run(GatedNormApply<T>{in_place ? y.data() : x.data(), gate.data(), y.data(), mean.data(), rstd.data(),
                        gamma.data(), beta.data(), shape});
  CHECK(worst_share(nhwc(y, shape), layer.y, bounds<T>(layer.y, 77 + 7)) <= 1);

  // The slope is off by half of z's 19 and 10 of its own; with the run's sums a term of dbeta by 22 + 32
  // * 1.1 for each of its two parts, of dgamma by 4 as many, of dgate as of the means.
  std::vector<float> dgate(rows, NAN), sums(4 * rows, NAN), of_gamma(c, NAN), of_beta(c, NAN);
  run(GatedNormBackwardPartial<T>{x.data(), dy.data(), partial.data(), mean.data(), rstd.data(), gamma.data(),
                                  beta.data(), shape});
  run(SumChunks{partial.data(), dgate.data(), shape});
  run(SumChunks{partial.data() + parts, sums.data(), shape, 4});
  run(GatedNormBackwardReduce{sums.data(), gate.data(), dmeans.data(), rstd.data(), of_gamma.data(),
                              of_beta.data(), shape});
  CHECK(worst_share(doubles(dgate), layer.dgate, bounds<float>(layer.dgate, pixels * (77 + 32 * 7))) <= 1);
  CHECK(worst_share(doubles(of_beta), layer.of_beta, bounds<float>(layer.of_beta, count * 2 * 57)) <= 1);
  CHECK(worst_share(doubles(of_gamma), layer.of_gamma, bounds<float>(layer.of_gamma, count * 8 * 57)) <= 1);

  // g, at most 2.2, is off by 2 * 20 + 7; with scale 1.5 that is 71, and six roundings of all three terms.
  std::vector<T> dx(dy);
  run(GatedNormBackwardApply<T>{x.data(), in_place ? dx.data() : dy.data(), dx.data(), gate.data(),
                                dmeans.data(), mean.data(), rstd.data(), gamma.data(), beta.data(),
                                dgamma.data(), dbeta.data(), shape});
  CHECK(worst_share(nhwc(dx, shape), layer.dx, bounds<T>(layer.dx, 71 + 6 * 1.5 * 7.2)) <= 1);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("a gated norm and its gradients agree with the formulas, in every storage, in place too") {
    for (const Channels& shape : every_storage())
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        CAPTURE(shape.pixels);
        CAPTURE(shape.channels);
        CAPTURE(shape.block);
        check<float>(run, shape, shape.pixels == 49);
        check<Bf16>(run, shape, shape.pixels != 49);
      });
  }

  TEST_CASE("a gated norm's sums are the same bits for any number of threads") {
    const Channels shape{3, 600, 92, 92};
    const auto x = floats(reals(shape.size(), -2, 2, 1)), dy = floats(reals(shape.size(), -1, 1, 2)),
               row = floats(reals(shape.channels, 0.5f, 1, 3));
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      CHECK(same_for_any_threads([&] {
        std::vector<float> partial(size_t(5 * chunks(shape) * shape.channels), NAN),
            sums(size_t(5 * shape.images * shape.channels), NAN);
        run(GatedNormBackwardPartial<float>{x.data(), dy.data(), partial.data(), row.data(), row.data(),
                                            row.data(), row.data(), shape});
        run(SumChunks{partial.data(), sums.data(), shape, 5});
        return sums;
      }));
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("a gated norm is right for any number and order of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check<float>(run, {2, 600, 20, 20}, true);
      check<Bf16>(run, {2, 50, 24, 8}, false);
      check<float>(run, {1, 40, 3, 3}, false);
    });
  }

  TEST_CASE("leaving out the barrier of a gated norm's sums is seen") {
    const Channels shape{1, 256, 16, 16};
    const Layer layer(shape, float());
    const auto x = floats(layer.x), mean = floats(layer.mean), rstd = floats(layer.rstd),
               gamma = floats(layer.gamma), beta = floats(layer.beta);
    int wrong = 0;
    for (const uint64_t order : {0, 1, 2, 3}) {
      fiber_schedule() = {.lanes = 8, .order = order, .left_out = 0};
      std::vector<float> partial(16);
      Launcher{Target::fibers}(GatedNormPartial<float>{x.data(), partial.data(), mean.data(), rstd.data(),
                                                       gamma.data(), beta.data(), shape});
      for (size_t c = 0; c < partial.size(); ++c)
        wrong += !(std::abs(double(partial[c]) / 256 - layer.means[c]) < 1e-4);
    }
    fiber_schedule() = {};
    CHECK(wrong > 0);
  }
}

}  // namespace rc
