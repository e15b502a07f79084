#include "kernels/batch_norm.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

constexpr double kEps = FLT_EPSILON / 2;  // of one float rounding

struct Statistics {
  std::vector<float> mean, rstd, running_mean, running_var;
};

template <class T>
Statistics statistics(const Launcher& run, const std::vector<T>& x, const Channels& shape) {
  const size_t parts = size_t(chunks(shape) * shape.channels), c = size_t(shape.channels);
  std::vector<float> mean(parts, NAN), deviance(parts, NAN);
  Statistics s{std::vector<float>(c, NAN), std::vector<float>(c, NAN), std::vector<float>(c, 3),
               std::vector<float>(c, 2)};
  run(BatchNormPartial<T>{x.data(), mean.data(), deviance.data(), shape});
  run(BatchNormStatistics{mean.data(), deviance.data(), s.mean.data(), s.rstd.data(), s.running_mean.data(),
                          s.running_var.data(), chunks_of(shape), shape.channels, 1e-5f, 0.25f});
  return s;
}

// One layer's tensors, all whole numbers or halves that bfloat16 holds, with statistics made up so that every
// product and sum of the layer is exact.
struct Exact {
  Channels shape;
  std::vector<double> x, residual, dy, y, g, dx;                  // NHWC
  std::vector<double> mean, rstd, gamma, beta, sum, dot, dgamma;  // [C]
  std::vector<double> image_scale;                                // [N], where there is a residual

  Exact(const Channels& s, bool relu, bool with_residual) : shape(s) {
    const int64_t n = s.size(), c = s.channels;
    const double count = double(s.images * s.pixels);
    x = integers(n, -4, 4, 1), dy = integers(n, -3, 3, 2);
    residual = with_residual ? integers(n, -4, 4, 3) : std::vector<double>(size_t(n), 0.0);
    mean = integers(c, -2, 2, 4), gamma = integers(c, 1, 4, 5), beta = integers(c, -2, 2, 6);
    rstd.assign(size_t(c), 0.5);
    sum.assign(size_t(c), 0.0), dot = sum;
    y.resize(size_t(n)), g = y, dx = y;
    dgamma = integers(c, -2, 2, 7);
    image_scale = integers(s.images, 0, 2, 8);
    for (size_t i = 0; i < size_t(n); ++i) {
      const size_t k = i % size_t(c);
      const double scale = with_residual ? image_scale[i / size_t(s.pixels * c)] : 1;
      y[i] = scale * ((x[i] - mean[k]) * rstd[k] * gamma[k] + beta[k]) + residual[i];
      if (relu) y[i] = std::max(y[i], 0.0);
      g[i] = relu && !(y[i] > 0) ? 0 : dy[i];
      sum[k] += scale * g[i], dot[k] += scale * g[i] * (x[i] - mean[k]);
      // The gradients of gamma and beta are made up too, as multiples of the count: dbeta = 2 * count.
      dx[i] = gamma[k] * rstd[k] * (scale * g[i] - 2 - (x[i] - mean[k]) * rstd[k] * dgamma[k]);
    }
    for (double& v : dgamma) v *= count;
  }
};

template <class T>
void check_exact(const Launcher& run, const Channels& shape, bool relu, bool with_residual, bool in_place) {
  const Exact e(shape, relu, with_residual);
  const Activation act = relu ? Activation::relu : Activation::none;
  const auto x = stored<T>(e.x, shape), dy = stored<T>(e.dy, shape), residual = stored<T>(e.residual, shape);
  const auto mean = floats(e.mean), rstd = floats(e.rstd), gamma = floats(e.gamma), beta = floats(e.beta);
  const auto dgamma = floats(e.dgamma), scales = floats(e.image_scale);
  const float* image_scale = with_residual ? scales.data() : nullptr;
  const std::vector<float> dbeta(mean.size(), 2 * float(shape.images * shape.pixels));

  std::vector<T> y(x);
  run(BatchNormApply<T>{in_place ? y.data() : x.data(), with_residual ? residual.data() : nullptr, y.data(),
                        mean.data(), rstd.data(), gamma.data(), beta.data(), shape, act, image_scale});
  CHECK(nhwc(y, shape) == e.y);

  const T* mask = with_residual ? y.data() : nullptr;
  const size_t rows = size_t(chunks(shape)), c = mean.size();
  std::vector<float> sum(rows * c, NAN), dot(rows * c, NAN), got_dgamma(c, NAN), got_dbeta(c, NAN);
  run(BatchNormBackwardPartial<T>{x.data(), dy.data(), mask, sum.data(), dot.data(), mean.data(), rstd.data(),
                                  gamma.data(), beta.data(), shape, act, image_scale});
  run(BatchNormBackwardReduce{sum.data(), dot.data(), rstd.data(), got_dgamma.data(), got_dbeta.data(),
                              shape});
  for (size_t k = 0; k < c; ++k) {
    CHECK(double(got_dbeta[k]) == e.sum[k]);
    CHECK(double(got_dgamma[k]) == e.dot[k] * e.rstd[k]);
  }

  std::vector<T> dx(dy), d_residual(dy);
  run(BatchNormBackwardApply<T>{x.data(), in_place ? dx.data() : dy.data(), mask, dx.data(),
                                with_residual ? d_residual.data() : nullptr, mean.data(), rstd.data(),
                                gamma.data(), beta.data(), dgamma.data(), dbeta.data(), shape, act,
                                image_scale});
  CHECK(nhwc(dx, shape) == e.dx);
  if (with_residual) CHECK(nhwc(d_residual, shape) == e.g);
}

// One layer of reals, all kernels, against the reference.
void check_reference(Activation activation) {
  const Channels shape{4, 70, 24, 24};
  const int c = 24;
  const bool silu = activation == Activation::silu;
  const auto x = reals(shape.size(), -2, 3, 21), dy = reals(shape.size(), -1, 1, 22);
  const auto gamma = reals(c, 0.5, 1.5, 23), beta = reals(c, -1, 1, 24);
  reference::Vector running_mean(c, 3.0), running_var(c, 2.0);
  const reference::BatchNorm layer{.channels = c, .relu = !silu, .momentum = 0.25, .silu = silu};
  const auto fixed = reference::batch_norm_inference(layer, x, gamma, beta, {}, running_mean, running_var);
  const auto want = reference::batch_norm(layer, x, gamma, beta, {}, running_mean, running_var);
  const auto grad = reference::batch_norm_grad(layer, dy, x, gamma, want);
  on_targets([&](const std::string& name, Launcher run) {
    CAPTURE(name);
    const auto fx = floats(x), fdy = floats(dy), fgamma = floats(gamma), fbeta = floats(beta);
    std::vector<float> y(fx.size()), dx(fx.size()), dgamma(c), dbeta(c);
    const Statistics s = statistics(run, fx, shape);
    run(BatchNormApply<float>{fx.data(), nullptr, y.data(), s.mean.data(), s.rstd.data(), fgamma.data(),
                              fbeta.data(), shape, activation});
    const size_t parts = size_t(chunks(shape)) * size_t(c);
    std::vector<float> sum(parts), dot(parts);
    run(BatchNormBackwardPartial<float>{fx.data(), fdy.data(), nullptr, sum.data(), dot.data(), s.mean.data(),
                                        s.rstd.data(), fgamma.data(), fbeta.data(), shape, activation});
    run(BatchNormBackwardReduce{sum.data(), dot.data(), s.rstd.data(), dgamma.data(), dbeta.data(), shape});
    run(BatchNormBackwardApply<float>{fx.data(), fdy.data(), nullptr, dx.data(), nullptr, s.mean.data(),
                                      s.rstd.data(), fgamma.data(), fbeta.data(), dgamma.data(), dbeta.data(),
                                      shape, activation});
    // Statistics are off by 33 roundings of |x| <= 3; xhat <= 3.5 / std(1.44), scale <= 1.5: y within 150
    // roundings, dgamma and dbeta within 100 and 33 roundings a term on average, dx as y. No y lies so near 0
    // that its mask flips. SiLU: |z| <= 4.6, its slope is at most 1.1, the slope's own 0.5; so y and dx take
    // 1.1 or 0.5 of 150 roundings and up to 40 of their own, each term of dbeta 95 and of dgamma 2.4 as many.
    double least = 1;
    for (const double v : want.y) least = v > 0 ? std::min(least, v) : least;
    REQUIRE((silu || least > 150 * kEps));
    const auto all = [](size_t n, double bound) { return std::vector<double>(n, bound); };
    CHECK(worst_share(nhwc(y, shape), want.y, all(y.size(), (silu ? 205 : 150) * kEps)) <= 1);
    CHECK(worst_share(nhwc(dx, shape), grad.dx, all(y.size(), (silu ? 265 : 150) * kEps)) <= 1);
    const std::vector<double> got_dgamma(dgamma.begin(), dgamma.end()), got_dbeta(dbeta.begin(), dbeta.end());
    CHECK(worst_share(got_dgamma, grad.dgamma, all(c, 280 * (silu ? 330 : 100) * kEps)) <= 1);
    CHECK(worst_share(got_dbeta, grad.dbeta, all(c, 280 * (silu ? 128 : 33) * kEps)) <= 1);

    const std::vector<float> mean(c, 3), var(c, 2);
    std::vector<float> rstd(c);
    run(ReciprocalStd{var.data(), rstd.data(), c, 1e-5f});
    run(BatchNormApply<float>{fx.data(), nullptr, y.data(), mean.data(), rstd.data(), fgamma.data(),
                              fbeta.data(), shape, activation});
    CHECK(worst_share(nhwc(y, shape), fixed, all(y.size(), (silu ? 95 : 50) * kEps)) <= 1);
  });
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("batch norm is exact on small whole numbers, in every storage and precision, in place too") {
    for (const Channels& shape : every_storage())
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        CAPTURE(shape.images);
        CAPTURE(shape.pixels);
        CAPTURE(shape.channels);
        CAPTURE(shape.block);
        check_exact<float>(run, shape, true, false, false);
        check_exact<float>(run, shape, true, true, true);
        check_exact<Bf16>(run, shape, true, true, false);
        if (shape.pixels > 100) return;
        check_exact<float>(run, shape, false, false, true);
        check_exact<float>(run, shape, false, true, false);
        check_exact<Bf16>(run, shape, true, false, true);
      });
  }

  TEST_CASE("statistics are exact where every run of pixels has a whole mean") {
    const Channels shape{2, 96, 48, 16};
    std::vector<double> x(size_t(shape.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      const int c = int(i % 48), p = int(i / 48);
      x[i] = c + (p % 2 ? 1 : -1) * (c % 5);
    }
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const Statistics& s :
           {statistics(run, stored<float>(x, shape), shape), statistics(run, stored<Bf16>(x, shape), shape)})
        for (int c = 0; c < 48; ++c) {
          const size_t k = size_t(c);
          const double var = double((c % 5) * (c % 5));
          CHECK(s.mean[k] == float(c));
          CHECK(s.rstd[k] == float(1 / std::sqrt(var + double(1e-5f))));
          CHECK(s.running_mean[k] == 0.75f * 3 + 0.25f * float(c));
          CHECK(s.running_var[k] == 0.75f * 2 + 0.25f * float(var * 192 / 191));
        }
    });
  }

  // A run's mean sums 32 floats: off by at most 33 roundings of max |x|. Its deviations are about that mean,
  // and the runs are joined as if it were exact: the variance is off by 36 roundings of itself, and by twice
  // a deviation times the mean's error.
  TEST_CASE("statistics stay within rounding where the mean is a thousand standard deviations") {
    for (const Channels& shape : {Channels{3, 700, 20, 20}, Channels{2, 300, 32, 16}, Channels{5, 1, 7, 7}}) {
      std::vector<double> x = reals(shape.size(), 999, 1001, 11);
      const int c = int(shape.channels);
      reference::Vector zero(size_t(c), 0.0), running_mean(size_t(c), 3.0), running_var(size_t(c), 2.0);
      const auto want = reference::batch_norm({.channels = c, .momentum = 0.25}, x, zero, zero, {},
                                              running_mean, running_var);
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        const Statistics s = statistics(run, stored<float>(x, shape), shape);
        for (size_t k = 0; k < size_t(c); ++k) {
          const double var = want.variance[k], off = 33 * kEps * 1001;
          const double var_off = 36 * kEps * var + 2 * std::sqrt(var) * off + off * off;
          CHECK(std::abs(double(s.mean[k]) - want.mean[k]) <= off);
          CHECK(std::abs(double(s.running_mean[k]) - running_mean[k]) <= off);
          CHECK(std::abs(double(s.running_var[k]) - running_var[k]) <= 1.25 * var_off + 4 * kEps * 2);
          const double rstd = 1 / std::sqrt(var + 1e-5);
          CHECK(std::abs(double(s.rstd[k]) - rstd) <= rstd * (0.6 * var_off / (var + 1e-5) + 3 * kEps));
        }
      });
    }
  }

  TEST_CASE("forward, backward and inference agree with the reference, with ReLU and with SiLU") {
    check_reference(Activation::relu);
    check_reference(Activation::silu);
  }

  TEST_CASE("in bf16 SiLU and its gradient are those of floats, rounded") {
    const Channels shape{2, 70, 24, 24};
    const auto halves = [&](uint32_t stream) {
      return stored<Bf16>(reals(shape.size(), -3, 3, stream), shape);
    };
    const auto x = halves(25), dy = halves(26);
    const std::vector<float> fx(x.begin(), x.end()), fdy(dy.begin(), dy.end());
    const auto mean = floats(reals(24, -1, 1, 27)), rstd = floats(reals(24, 0.5, 2, 28));
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      std::vector<Bf16> y(x), dx(x);
      std::vector<float> fy(fx), fback(fx);
      const auto both = [&](auto in, auto g, auto out, auto back) {
        using T = std::remove_pointer_t<decltype(out)>;
        run(BatchNormApply<T>{in, nullptr, out, mean.data(), rstd.data(), rstd.data(), mean.data(), shape,
                              Activation::silu});
        run(BatchNormBackwardApply<T>{in, g, nullptr, back, nullptr, mean.data(), rstd.data(), rstd.data(),
                                      mean.data(), mean.data(), rstd.data(), shape, Activation::silu});
      };
      both(x.data(), dy.data(), y.data(), dx.data());
      both(fx.data(), fdy.data(), fy.data(), fback.data());
      bool same = true;
      for (size_t i = 0; i < x.size(); ++i)
        same = same && y[i].bits == Bf16(fy[i]).bits && dx[i].bits == Bf16(fback[i]).bits;
      CHECK(same);
    });
  }

  TEST_CASE("a NaN passes the ReLU, and the bits do not depend on the number of threads") {
    const Channels shape{3, 300, 64, 16};
    auto x = floats(reals(shape.size(), -1, 1, 31));
    x[5] = NAN;
    const std::vector<float> zero(64, 0), one(64, 1);
    std::vector<float> y(x);
    Launcher{Target::v3}(BatchNormApply<float>{x.data(), nullptr, y.data(), zero.data(), one.data(),
                                               one.data(), zero.data(), shape, Activation::relu});
    CHECK(std::isnan(y[5]));
    x[5] = 0;
    const int threads = omp_get_max_threads();
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      omp_set_num_threads(1);
      const Statistics a = statistics(run, x, shape);
      omp_set_num_threads(2);
      const Statistics b = statistics(run, x, shape);
      CHECK(a.mean == b.mean);
      CHECK(a.rstd == b.rstd);
    });
    omp_set_num_threads(threads);
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("batch norm is exact for any number and order of lanes") {
    for (const Channels& shape : {Channels{2, 70, 20, 20}, Channels{1, 300, 16, 16}, Channels{2, 3, 7, 7}})
      on_fibers([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        check_exact<float>(run, shape, true, false, true);
        check_exact<Bf16>(run, shape, true, true, true);
      });
  }

  TEST_CASE("a chunk's statistics have the same bits for any lanes, and for bf16 those of its values") {
    for (const Channels& shape : {Channels{2, 300, 40, 40}, Channels{1, 33, 7, 7}, Channels{3, 5, 6, 1}}) {
      const auto half = stored<Bf16>(reals(shape.size(), -1, 4, 41), shape);
      const std::vector<float> x(half.begin(), half.end());
      const auto parts = size_t(chunks(shape) * shape.channels);
      std::vector<float> mean(parts), deviance(parts);
      Launcher{Target::v3}(BatchNormPartial<float>{x.data(), mean.data(), deviance.data(), shape});
      on_fibers([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        std::vector<float> a(parts, NAN), b(parts, NAN);
        run(BatchNormPartial<float>{x.data(), a.data(), b.data(), shape});
        CHECK(a == mean);
        CHECK(b == deviance);
        std::ranges::fill(a, NAN), std::ranges::fill(b, NAN);
        run(BatchNormPartial<Bf16>{half.data(), a.data(), b.data(), shape});
        CHECK(a == mean);
        CHECK(b == deviance);
      });
    }
  }

  TEST_CASE("leaving out the barrier of the statistics or of the gradient is seen") {
    const Channels shape{1, 256, 16, 16};
    const auto x = floats(integers(shape.size(), -4, 4, 51));
    const std::vector<float> ones(16, 1);
    std::vector<float> a(16), b(16);
    fiber_schedule() = {.lanes = 8, .order = 0, .left_out = 0};
    const Launcher run{Target::fibers};
    run(BatchNormPartial<float>{x.data(), a.data(), b.data(), shape});
    CHECK(std::isnan(a[0]));
    run(BatchNormBackwardPartial<float>{x.data(), x.data(), nullptr, a.data(), b.data(), ones.data(),
                                        ones.data(), ones.data(), ones.data(), shape, Activation::none});
    CHECK(std::isnan(a[0]));
    fiber_schedule() = {};
  }
}

}  // namespace rc
