#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>
#include <sstream>
#include <string>

#include "kernels/batch_norm.h"
#include "kernels/depthwise_weight.h"
#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

// Every filter and stride with paddings that leave the border out, keep the size, and reach beyond it; images
// of a pixel, smaller and larger than what a lane takes at once, and of several bands; channels that fill
// vectors and tiles, and that do not.
std::vector<Depthwise> every_depthwise() {
  std::vector<Depthwise> all;
  for (const auto& [h, w] : {std::pair<int64_t, int64_t>{1, 1}, {2, 3}, {7, 8}, {9, 18}, {5, 33}})
    for (const int64_t size : {3, 5})
      for (const int64_t stride : {1, 2})
        for (const int64_t pad : {0, 1, 2, 3})
          for (const int64_t c : {1, 3, 16, 24, 48, 64})
            for (const int64_t block : {int64_t(1), int64_t(16), c})
              if (h + 2 * pad >= size && w + 2 * pad >= size && c % block == 0 && (block != 1 || c == 3)) {
                all.push_back({2, h, w, c, block, size, stride, pad});
                if (size == 3 && stride == 1) all.push_back({2, h, w, c, block, size, stride, pad, true});
              }
  for (const int64_t stride : {1, 2}) {
    all.push_back({3, 20, 30, 92, 92, 5, stride, 2});
    all.push_back({3, 21, 29, 32, 16, 3, stride, 1});
    all.push_back({1, 5, 140, 8, 8, 3, stride, 1});
  }
  all.push_back({3, 20, 30, 92, 92, 3, 1, 1, true});
  return all;
}

std::string text_of(const Depthwise& d) {
  std::ostringstream text;
  text << d.images << " x " << d.height << " x " << d.width << " x " << d.channels << " by " << d.block
       << ", filter " << d.size << ", stride " << d.stride << ", pad " << d.pad << (d.relu ? ", relu" : "");
  return text.str();
}

struct Results {
  std::vector<double> y, dx, dw;  // NHWC, NHWC, [C, size, size]
  bool operator==(const Results&) const = default;
};

// From the plain loops.
Results expected(const Depthwise& d, const std::vector<double>& x, const std::vector<double>& w,
                 const std::vector<double>& dy) {
  const reference::Conv conv{.n = int(d.images),
                             .h = int(d.height),
                             .w = int(d.width),
                             .c = int(d.channels),
                             .k = int(d.channels),
                             .r = int(d.size),
                             .s = int(d.size),
                             .stride = int(d.stride),
                             .pad = int(d.pad),
                             .groups = int(d.channels)};
  std::vector<double> convolved(x);
  if (d.relu)
    for (double& v : convolved) v = std::max(v, 0.0);
  Results r{reference::conv2d(conv, convolved, w), reference::conv2d_grad_data(conv, dy, w),
            reference::conv2d_grad_weight(conv, dy, convolved)};
  if (d.relu)
    for (size_t i = 0; i < x.size(); ++i) r.dx[i] = x[i] > 0 ? r.dx[i] : 0;
  return r;
}

// What x passes as it is read, or nothing.
struct Norm {
  std::vector<double> mean, rstd, gamma, beta;  // [C] each
};
bool takes_norm(const Depthwise& d) { return d.size == 3 && d.stride == 1 && !d.relu; }

// relu(norm(x)), x in NHWC.
std::vector<double> normed(const Norm& norm, std::vector<double> x) {
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t c = i % norm.mean.size();
    x[i] = std::max((x[i] - norm.mean[c]) * norm.rstd[c] * norm.gamma[c] + norm.beta[c], 0.0);
  }
  return x;
}

template <class T>
Results computed(const Launcher& run, const Depthwise& d, const std::vector<double>& x,
                 const std::vector<double>& w, const std::vector<double>& dy, const Norm& norm = {}) {
  const auto mean = floats(norm.mean), rstd = floats(norm.rstd), gamma = floats(norm.gamma),
             beta = floats(norm.beta);
  const NormBefore before{mean.empty() ? nullptr : mean.data(), rstd.data(), gamma.data(), beta.data()};
  const auto sx = stored<T>(x, d.in()), sdy = stored<T>(dy, d.out());
  const auto fw = floats(w);
  std::vector<float> taps(fw.size(), NAN), dw(fw.size(), NAN);
  run(FilterByTaps{fw.data(), taps.data(), d.channels, d.size});
  std::vector<T> y(sdy.size(), T(NAN)), dx(sx.size(), T(NAN));
  run(DepthwiseForward<T>{.x = sx.data(), .taps = taps.data(), .y = y.data(), .conv = d, .norm = before});
  run(DepthwiseDataGradient<T>{sdy.data(), taps.data(), dx.data(), d, d.relu ? sx.data() : nullptr});
  const int64_t bands = bands_out(d).count();
  std::vector<float> partial(size_t(bands * d.filter_size()), NAN);
  run(DepthwiseWeightPartial<T>{sx.data(), sdy.data(), partial.data(), d, before});
  run(DepthwiseWeightReduce{partial.data(), dw.data(), bands, d.channels, d.size});
  return {nhwc(y, d.out()), nhwc(dx, d.in()), std::vector<double>(dw.begin(), dw.end())};
}

// Products of whole numbers up to 3: sums of 25 of them are whole numbers up to 225, exact in bf16 as well.
template <class T>
void check_exact(const Launcher& run, const Depthwise& d) {
  const auto x = integers(d.in().size(), -3, 3, 1), w = integers(d.filter_size(), -3, 3, 2),
             dy = integers(d.out().size(), -3, 3, 3);
  CAPTURE(text_of(d));
  const Results got = computed<T>(run, d, x, w, dy), want = expected(d, x, w, dy);
  CHECK(got.y == want.y);
  CHECK(got.dx == want.dx);
  CHECK(got.dw == want.dw);
}

// Of whole numbers behind the norm up to 5, where x is 0 mostly others than 0: the padding is not normalised.
template <class T>
void check_exact_norm(const Launcher& run, const Depthwise& d) {
  const auto x = integers(d.in().size(), -3, 3, 1), w = integers(d.filter_size(), -3, 3, 2),
             dy = integers(d.out().size(), -3, 3, 3);
  Norm norm{
      integers(d.channels, -1, 1, 4), {}, integers(d.channels, 0, 1, 5), integers(d.channels, -1, 1, 6)};
  norm.rstd.assign(norm.mean.size(), 0.5);
  for (double& v : norm.gamma) v = 4 * v - 2;
  CAPTURE(text_of(d));
  const Results got = computed<T>(run, d, x, w, dy, norm), want = expected(d, normed(norm, x), w, dy);
  CHECK(got.y == want.y);
  CHECK(got.dx == want.dx);  // of relu(norm(x))
  CHECK(got.dw == want.dw);
}

const Depthwise kSmall[] = {{2, 9, 11, 20, 20, 3, 1, 1},
                            {1, 9, 6, 32, 16, 5, 2, 2},
                            {1, 10, 9, 8, 8, 3, 2, 1},
                            {1, 6, 5, 3, 1, 5, 1, 2},
                            {2, 9, 11, 20, 20, 3, 1, 1, true}};

template <class T>
std::vector<double> rounded(std::vector<double> x) {
  for (double& v : x) v = double(float(T(float(v))));
  return x;
}

// A sum of n products by fma: n roundings of at most half a unit each. What is stored in bf16 is rounded once
// more, by at most 2^-8 of itself. A norm rounds three times, x - mean, gamma rstd and their fma with beta,
// each by at most half a unit of |x - mean| |gamma| rstd + |beta|.
template <class T>
void check_rounding(const Launcher& run, const Depthwise& d, bool with_norm = false) {
  const auto x = rounded<T>(reals(d.in().size(), -1, 1, 4)), w = reals(d.filter_size(), -1, 1, 5),
             dy = rounded<T>(reals(d.out().size(), -1, 1, 6));
  const auto magnitudes = [](std::vector<double> v) {
    for (double& one : v) one = std::abs(one);
    return v;
  };
  Norm norm;
  auto convolved = x, largest = magnitudes(x);
  if (with_norm) {
    norm = {reals(d.channels, -1, 1, 7), reals(d.channels, 0.5, 2, 8), reals(d.channels, -2, 2, 9),
            reals(d.channels, -1, 1, 10)};
    convolved = normed(norm, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t c = i % norm.mean.size();
      largest[i] = std::abs((x[i] - norm.mean[c]) * norm.rstd[c] * norm.gamma[c]) + std::abs(norm.beta[c]);
    }
  }
  const int64_t roundings = with_norm ? 3 : 0;
  const Results got = computed<T>(run, d, x, w, dy, norm), want = expected(d, convolved, w, dy),
                sum = expected(d, largest, magnitudes(w), magnitudes(dy));
  const auto worst = [](const std::vector<double>& a, const std::vector<double>& b,
                        const std::vector<double>& of, int64_t most, double stored) {
    std::vector<double> bound(of);
    for (double& v : bound) v *= double(most) * double(FLT_EPSILON) / 2 + stored;
    for (double& v : bound) v += 1e-30;  // where there is no product
    return worst_share(a, b, bound);
  };
  const double stored_as = sizeof(T) == 2 ? 0x1p-8 : 0;
  CHECK(worst(got.y, want.y, sum.y, d.size * d.size + roundings, stored_as) <= 1);
  CHECK(worst(got.dx, want.dx, sum.dx, d.size * d.size, stored_as) <= 1);
  // A chain of at most three turns of 64 pixels, or a row; two sums of chains; rounded from double.
  CHECK(worst(got.dw, want.dw, sum.dw, std::max(int64_t(192), d.out_width()) + 3 + roundings, 0) <= 1);
}

double applied(Activation activation, double v) {
  return activation == Activation::silu   ? v / (1 + std::exp(-v))
         : activation == Activation::relu ? std::max(v, 0.0)
                                          : v;
}

template <class T>
std::vector<double> finished(const Launcher& run, const Depthwise& d, Activation activation,
                             const std::vector<double>& x, const std::vector<double>& w,
                             const std::vector<double>& bias) {
  const auto sx = stored<T>(x, d.in());
  const auto fw = floats(w), fb = floats(bias);
  std::vector<float> taps(fw.size(), NAN);
  run(FilterByTaps{fw.data(), taps.data(), d.channels, d.size});
  std::vector<T> y(size_t(d.out().size()), T(NAN));
  run(DepthwiseForward<T>{sx.data(), taps.data(), y.data(), d, fb.data(), activation});
  return nhwc(y, d.out());
}

// Whole numbers up to 228: exact in bf16 as well.
template <class T>
void check_exact_epilogue(const Launcher& run, const Depthwise& d) {
  const auto x = integers(d.in().size(), -3, 3, 1), w = integers(d.filter_size(), -3, 3, 2),
             bias = integers(d.channels, -3, 3, 3);
  const auto sums = expected(d, x, w, std::vector<double>(size_t(d.out().size()))).y;
  for (const Activation activation : {Activation::none, Activation::relu}) {
    std::vector<double> want(sums);
    for (size_t i = 0; i < want.size(); ++i) want[i] = applied(activation, want[i] + bias[i % bias.size()]);
    CHECK(finished<T>(run, d, activation, x, w, bias) == want);
  }
}

// One rounding more than the sum's, which SiLU makes at most 1.1 times larger; its own value is within 3
// units in the last place (math.h). In bf16 y is rounded once more.
template <class T>
void check_silu(const Launcher& run, const Depthwise& d) {
  const auto x = rounded<T>(reals(d.in().size(), -1, 1, 4)), w = reals(d.filter_size(), -1, 1, 5),
             bias = reals(d.channels, -2, 2, 6);
  const auto magnitudes = [](std::vector<double> v) {
    for (double& one : v) one = std::abs(one);
    return v;
  };
  const std::vector<double> none(size_t(d.out().size()));
  std::vector<double> want = expected(d, x, w, none).y,
                      bound = expected(d, magnitudes(x), magnitudes(w), none).y;
  for (size_t i = 0; i < want.size(); ++i) {
    const double shift = bias[i % bias.size()];
    want[i] = applied(Activation::silu, want[i] + shift);
    bound[i] = 1.1 * double(d.size * d.size + 1) * double(FLT_EPSILON) / 2 * (bound[i] + std::abs(shift)) +
               (3 * double(FLT_EPSILON) + (sizeof(T) == 2 ? 0x1p-8 : 0)) * std::abs(want[i]);
  }
  CHECK(worst_share(finished<T>(run, d, Activation::silu, x, w, bias), want, bound) <= 1);
}

// Means and sums of squared deviations of every band and channel.
struct Gathered {
  std::vector<double> y;
  std::vector<float> mean, deviance;  // [bands, C]
  bool operator==(const Gathered&) const = default;
};

template <class T>
Gathered gathered(const Launcher& run, const Depthwise& d, const std::vector<double>& x,
                  const std::vector<double>& w) {
  const auto sx = stored<T>(x, d.in());
  const auto fw = floats(w);
  std::vector<float> taps(fw.size(), NAN);
  run(FilterByTaps{fw.data(), taps.data(), d.channels, d.size});
  std::vector<T> y(size_t(d.out().size()), T(NAN));
  const size_t moments = size_t(d.channels * bands_out(d).count());
  Gathered g{{}, std::vector<float>(moments, NAN), std::vector<float>(moments, NAN)};
  run(DepthwiseWithMoments<T>{sx.data(), taps.data(), y.data(), g.mean.data(), g.deviance.data(), d});
  g.y = nhwc(y, d.out());
  return g;
}

// Of whole numbers v, |v| <= 225. A strip's mean and each step of joining it round at most 12 times, and a
// band is at most `values` strips: so a mean is off by at most `off`, and a sum of squares S of n deviations
// by its own roundings, by 2 off sqrt(n S) where the means are apart, and by n off^2.
template <class T>
void check_moments(const Launcher& run, const Depthwise& d) {
  const auto x = integers(d.in().size(), -3, 3, 1), w = integers(d.filter_size(), -3, 3, 2);
  CAPTURE(text_of(d));
  const Gathered got = gathered<T>(run, d, x, w);
  const auto y = expected(d, x, w, std::vector<double>(size_t(d.out().size()))).y;
  CHECK(got.y == y);
  const Chunks chunks = chunks_of(bands_out(d), d.out_width());
  std::vector<double> mean, deviance, mean_bound, deviance_bound;
  for (int64_t band = 0; band < chunks.count(); ++band)
    for (int64_t c = 0; c < d.channels; ++c) {
      const int64_t first = band * chunks.each, values = chunks.size(band);
      double total = 0, squares = 0, largest = 0;
      for (int64_t i = first; i < first + values; ++i) {
        const double v = y[size_t(i * d.channels + c)];
        total += v, largest = std::max(largest, std::abs(v));
      }
      for (int64_t i = first; i < first + values; ++i)
        squares += std::pow(y[size_t(i * d.channels + c)] - total / double(values), 2);
      const double n = double(values), roundings = 12 * n * double(FLT_EPSILON) / 2;
      const double off = roundings * largest;
      mean.push_back(total / n), deviance.push_back(squares);
      mean_bound.push_back(off + 1e-30);
      deviance_bound.push_back(roundings * squares + 2 * off * std::sqrt(n * squares) + n * off * off +
                               1e-30);
    }
  const auto wide = [](const std::vector<float>& v) { return std::vector<double>(v.begin(), v.end()); };
  CHECK(worst_share(wide(got.mean), mean, mean_bound) <= 1);
  CHECK(worst_share(wide(got.deviance), deviance, deviance_bound) <= 1);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("depthwise convolution and both gradients equal the plain loops") {
    for (const Depthwise& d : every_depthwise())
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        check_exact<float>(run, d);
        if (d.block == d.channels) check_exact<Bf16>(run, d);
        if (!takes_norm(d)) return;
        check_exact_norm<float>(run, d);
        if (d.block == d.channels) check_exact_norm<Bf16>(run, d);
      });
  }

  TEST_CASE("depthwise convolution stays within rounding") {
    for (const Depthwise& d : {Depthwise{2, 33, 35, 24, 24, 3, 1, 1}, Depthwise{3, 20, 19, 40, 40, 5, 2, 2},
                               Depthwise{1, 6, 300, 8, 8, 5, 1, 2}})
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        check_rounding<float>(run, d);
        check_rounding<Bf16>(run, d);
        if (!takes_norm(d)) return;
        check_rounding<float>(run, d, true);
        check_rounding<Bf16>(run, d, true);
      });
  }

  TEST_CASE("a depthwise convolution gathers the moments of every band of its result") {
    for (const Depthwise& d : every_depthwise())
      if (!d.relu)
        on_targets([&](const std::string& name, Launcher run) {
          CAPTURE(name);
          check_moments<float>(run, d);
          if (d.block == d.channels) check_moments<Bf16>(run, d);
        });
  }

  TEST_CASE("moments of a large mean keep a small deviation") {
    // Each result is 4096 and a whole number from 0 to 3 beside it: squared, beyond what a float holds.
    const Depthwise d{4, 20, 24, 16, 16, 3, 1, 1};
    const auto beside = integers(d.in().size(), 0, 3, 3);
    std::vector<double> x(beside), w(size_t(d.filter_size()));
    for (double& v : x) v += 4096;
    for (size_t c = 0; c < 16; ++c) w[c * 9 + 4] = 1;  // the middle
    double total = 0, squares = 0;
    for (size_t i = 0; i < beside.size(); i += 16) total += beside[i];
    const double count = double(beside.size()) / 16, mean = total / count;
    for (size_t i = 0; i < beside.size(); i += 16) squares += std::pow(beside[i] - mean, 2);
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      const Gathered got = gathered<float>(run, d, x, w);
      const Chunks chunks = chunks_of(bands_out(d), d.out_width());
      std::vector<float> means(16), rstd(16);
      run(BatchNormStatistics{got.mean.data(), got.deviance.data(), means.data(), rstd.data(), nullptr,
                              nullptr, chunks, 16, 0, 0});
      CHECK(double(means[0]) == doctest::Approx(4096 + mean).epsilon(1e-7));
      CHECK(1 / std::pow(double(rstd[0]), 2) == doctest::Approx(squares / count).epsilon(1e-3));
    });
  }

  TEST_CASE("a bias and an activation follow the sums of a depthwise convolution") {
    for (const Depthwise& d : kSmall)
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        check_exact_epilogue<float>(run, d);
        check_exact_epilogue<Bf16>(run, d);
        check_silu<float>(run, d);
        check_silu<Bf16>(run, d);
      });
  }

  TEST_CASE("a NaN passes the ReLU before a depthwise convolution, and none comes back where it was") {
    const Depthwise d{1, 1, 12, 8, 8, 3, 1, 1, true};
    std::vector<double> x(size_t(d.in().size()), -1.0), dy(size_t(d.out().size()), 1.0);
    x[5 * 8 + 2] = NAN;
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      const std::vector<double> w(72, 1.0), ones(8, 1.0);
      const Results got = computed<float>(run, d, x, w, dy);
      const auto normal = computed<float>(run, {1, 1, 12, 8, 8, 3, 1, 1}, x, w, dy, {ones, ones, ones, ones});
      for (size_t i = 0; i < got.y.size(); ++i) {
        CHECK(std::isnan(got.y[i]) == (i % 8 == 2 && i / 8 >= 4 && i / 8 <= 6));
        CHECK(std::isnan(normal.y[i]) == std::isnan(got.y[i]));
        CHECK(got.dx[i] == 0);
      }
    });
  }

  TEST_CASE("depthwise convolution of no images writes nothing, and its filter's gradient is zero") {
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      const Results got = computed<float>(run, {0, 8, 8, 24, 24, 3, 1, 1}, {}, integers(216, -3, 3, 1), {});
      CHECK(got.y.empty());
      CHECK(got.dx.empty());
      CHECK(got.dw == std::vector<double>(216, 0.0));
    });
  }

  TEST_CASE("depthwise convolution has the same bits for any threads and on every target") {
    const Depthwise d{3, 30, 29, 72, 72, 3, 1, 1};
    const auto x = reals(d.in().size(), -1, 1, 7), w = reals(d.filter_size(), -1, 1, 8),
               dy = reals(d.out().size(), -1, 1, 9);
    const Norm norm{reals(72, -1, 1, 10), reals(72, 0.5, 2, 11), reals(72, -2, 2, 12), reals(72, -1, 1, 13)};
    const Launcher one{tested_targets().front().target};
    const Results first = computed<float>(one, d, x, w, dy), normal = computed<float>(one, d, x, w, dy, norm);
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      CHECK(same_for_any_threads([&] { return computed<float>(run, d, x, w, dy); }));
      CHECK(computed<float>(run, d, x, w, dy) == first);
      CHECK(same_for_any_threads([&] { return computed<float>(run, d, x, w, dy, norm); }));
      CHECK(computed<float>(run, d, x, w, dy, norm) == normal);
      CHECK(same_for_any_threads([&] { return gathered<float>(run, d, x, w); }));
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("depthwise convolution is exact for any number and order of lanes") {
    on_fibers([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const Depthwise& d : kSmall) {
        check_exact<float>(run, d);
        check_exact<Bf16>(run, d);
        check_exact_epilogue<float>(run, d);
        check_exact_epilogue<Bf16>(run, d);
        if (!d.relu) check_moments<float>(run, d), check_moments<Bf16>(run, d);
        if (takes_norm(d)) check_exact_norm<float>(run, d), check_exact_norm<Bf16>(run, d);
      }
    });
  }

  TEST_CASE("leaving out a barrier of a band's moments is seen") {
    const Depthwise d{1, 16, 16, 16, 16, 3, 1, 1};
    const auto x = integers(d.in().size(), -3, 3, 1), w = integers(d.filter_size(), -3, 3, 2);
    for (const int barrier : {0, 1}) {
      int wrong = 0;
      for (const uint64_t order : {0, 1, 2, 3}) {
        fiber_schedule() = {.lanes = 7, .order = order};
        const Gathered right = gathered<float>({Target::fibers}, d, x, w);
        fiber_schedule().left_out = barrier;
        wrong += gathered<float>({Target::fibers}, d, x, w) != right;
      }
      CAPTURE(barrier);
      CHECK(wrong > 0);
    }
    fiber_schedule() = {};
  }

  TEST_CASE("leaving out a barrier of the filter's gradient is seen") {
    const Depthwise d{1, 16, 16, 16, 16, 3, 1, 1};
    const std::vector<float> x(size_t(d.in().size()), 1), partial(size_t(9 * d.filter_size()), 1);
    for (const bool reduce : {false, true}) {
      int wrong = 0;
      for (const uint64_t order : {0, 1, 2, 3}) {
        fiber_schedule() = {.lanes = 7, .order = order, .left_out = 0};
        std::vector<float> dw(size_t(d.filter_size()));
        if (reduce)
          Launcher{Target::fibers}(DepthwiseWeightReduce{partial.data(), dw.data(), 9, d.channels, d.size});
        else
          Launcher{Target::fibers}(DepthwiseWeightPartial<float>{x.data(), x.data(), dw.data(), d});
        // The middle of the filter meets every pixel.
        wrong += reduce ? dw[0] != 9 : dw[size_t(4 * d.channels)] != 256;
      }
      CHECK(wrong > 0);
    }
    fiber_schedule() = {};
  }
}

}  // namespace rc
