// The consistency loss of kernels against the double-precision reference and PyTorch.
#include "kernels/consistency.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/rng.h"
#include "tests/golden/golden.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/controls.h"

namespace rc {
namespace {

constexpr double kUnit = 0x1p-24;

struct Outcome {
  std::vector<float> result, df;
  bool operator==(const Outcome&) const = default;
};

template <class Run>
Outcome consistency(const std::vector<float>& f, int64_t images, float scale, Run run) {
  const int64_t dim = int64_t(f.size()) / (2 * images);
  std::vector<float> length(size_t(2 * images), -9), gap(size_t(images), -9), weight{scale};
  Outcome out{std::vector<float>(kConsistencyResults, -9), std::vector<float>(f.size(), -9)};
  run(ViewGap{f.data(), length.data(), gap.data(), images, dim});
  run(ConsistencySummary{gap.data(), out.result.data(), images});
  run(ConsistencyBackward{f.data(), length.data(), gap.data(), weight.data(), out.df.data(), images, dim});
  return out;
}

// 1 - cos of each image, which tolerances hang on.
reference::Vector gaps_of(const reference::Vector& f, size_t images) {
  const size_t dim = f.size() / (2 * images);
  reference::Vector gaps;
  for (size_t i = 0; i < images; ++i) {
    double dot = 0, first = 0, second = 0;
    for (size_t d = 0; d < dim; ++d) {
      const double a = f[i * dim + d], b = f[(images + i) * dim + d];
      dot += a * b, first += a * a, second += b * b;
    }
    gaps.push_back(1 - dot / std::sqrt(first * second));
  }
  return gaps;
}
// Views `apart` from each other, in units of their own size.
std::vector<float> random_views(int64_t images, int64_t dim, float apart, uint32_t index) {
  Rng rng(52, Purpose::test, index, uint32_t(dim));
  std::vector<float> f;
  for (int64_t i = 0; i < images * dim; ++i) f.push_back(rng.uniform(-2, 2));
  for (int64_t i = 0; i < images * dim; ++i) f.push_back(f[size_t(i)] + apart * rng.uniform(-2, 2));
  return f;
}

template <class Run>
void check_views(const std::vector<float>& f, size_t images, Run run) {
  constexpr float kScale = 0.25f;  // a power of two: no rounding of its own
  const Outcome out = consistency(f, int64_t(images), kScale, run);
  const reference::Vector exact(f.begin(), f.end());
  const auto dim = double(f.size()) / double(2 * images);
  // A unit row's length is off by half a sum of dim squares, its entries by 3 more roundings. The difference
  // of two, sqrt(2 gap) long, is off by twice that whatever its length; hence the gap, and the loss.
  const double unit = 2 * (dim / 2 + 3) * kUnit;
  double loss_error = 0, gradient_error = 0, shortest = INFINITY;
  for (size_t row = 0; row < 2 * images; ++row) {
    double square = 0;
    for (size_t d = 0; d < size_t(dim); ++d) square += std::pow(exact[row * size_t(dim) + d], 2);
    shortest = std::min(shortest, std::sqrt(square));
  }
  for (const double gap : gaps_of(exact, images)) {
    const double off = std::sqrt(2 * gap) * unit + unit * unit / 2 + (dim + 1) * kUnit * gap;
    loss_error += (2 * gap + off) * off / double(images);
    // 2 gap / images |u_1 - u_0 + gap u_0| / |f|, where the length between is the sine, at most 1.
    const double sine = std::min(1.0, std::sqrt(2 * gap));
    const double between = unit + off + (dim / 2 + 8) * kUnit * sine;
    gradient_error = std::max(gradient_error,
                              2 / double(images) / shortest * (off * (sine + gap) + (gap + off) * between));
  }
  const reference::LossGradient truth = reference::consistency(exact, int(dim));
  CHECK(std::abs(out.result[kConsistencyLoss] - truth.loss) <=
        loss_error + double(images) * kUnit * truth.loss);
  double worst = 0;
  for (size_t i = 0; i < exact.size(); ++i)
    worst = std::max(worst, std::abs(out.df[i] / kScale - truth.gradient[i]));
  CHECK(worst <= gradient_error);
}

template <class Run>
void check_random(Run run) {
  for (const int64_t dim : {1, 6, 33, 200})
    for (const float apart : {1e-3f, .1f, 1.f, 10.f})
      for (uint32_t index = 0; index < 3; ++index) {
        CAPTURE(dim);
        CAPTURE(apart);
        CAPTURE(index);
        check_views(random_views(5, dim, apart, index), 5, run);
      }
}

template <class Run>
void check_exact(Run run) {
  // Two images: the same direction, and a right angle. gap 0 and 1.
  const Outcome out = consistency({3, 0, 2, 0, 6, 0, 0, 5}, 2, 1, run);
  CHECK(out.result == std::vector<float>{.5f, .5f});
  CHECK(out.df == std::vector<float>{0, 0, 0, -.5f, 0, 0, -.2f, 0});
  // Opposite views: the greatest loss, and no direction out of it.
  const Outcome opposite = consistency({0, 2, 0, -8}, 1, 1, run);
  CHECK(opposite.result == std::vector<float>{4, -1});
  CHECK(opposite.df == std::vector<float>{0, 0, 0, 0});
}

template <class Run>
void check_edges(Run run) {
  // A row without a direction: cosine 0, no gradient for either view; the other image is as ever.
  std::vector<float> f = random_views(2, 33, .5f, 7);
  const Outcome before = consistency(f, 2, 1, run);
  for (const size_t row : {size_t(0), size_t(2)}) {  // the first image's views
    std::vector<float> lost = f;
    std::fill_n(lost.begin() + int64_t(row) * 33, 33, 0.f);
    const Outcome out = consistency(lost, 2, 1, run);
    const double other = std::pow(gaps_of({f.begin(), f.end()}, 2)[1], 2);
    CHECK(out.result[kConsistencyLoss] == doctest::Approx((1 + other) / 2).epsilon(1e-5));
    for (size_t d = 0; d < 33; ++d) {
      CHECK(out.df[d] == 0);
      CHECK(out.df[66 + d] == 0);
      CHECK(out.df[33 + d] == before.df[33 + d]);
      CHECK(out.df[99 + d] == before.df[99 + d]);
    }
  }
  f[40] = NAN;  // shows in the loss
  CHECK(std::isnan(consistency(f, 2, 1, run).result[kConsistencyLoss]));
}

template <class Run>
void check_golden(Run run) {
  const golden::Json cases = golden::load("controls").at("consistency");
  REQUIRE(cases.size() == 2);
  for (const golden::Json& k : cases) {
    const std::string name = k.at("name");
    CAPTURE(name);
    auto f = golden::values(name + "/f", 12 * 16);
    const auto change = golden::values(name + "/change", 6 * 16);
    for (size_t i = 0; i < change.size(); ++i)
      f[change.size() + i] = f[i] + k.at("apart").get<double>() * change[i];
    const Outcome out = consistency({f.begin(), f.end()}, 6, 1, run);
    CHECK(golden::excess(k.at("loss"), std::span(out.result).first(1)) <= golden::kAllowed);
    CHECK(golden::excess(k.at("df"), out.df) <= golden::kAllowed);
  }
}

template <class Run>
void check_all(Run run) {
  check_random(run);
  check_exact(run);
  check_edges(run);
  check_golden(run);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("consistency loss: values, gradients, views that agree, rows without direction, PyTorch's") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_all(run);
    });
  }

  TEST_CASE("consistency loss: the same bits for any number of threads") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      const std::vector<float> f = random_views(19, 300, .5f, 1);
      CHECK(same_for_any_threads([&] { return consistency(f, 19, .5f, run); }));
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("consistency loss for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_all(run);
    });
  }
}

}  // namespace rc
