// The single-centre loss of kernels against the double-precision reference and PyTorch.
#include "kernels/single_centre.h"

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

struct Batch {
  std::vector<float> f;  // [rows, dim]
  std::vector<int32_t> label;
  std::vector<float> centre;  // [dim]
  float margin = 0;           // m sqrt(D)

  int64_t rows() const { return int64_t(label.size()); }
  int64_t dim() const { return int64_t(centre.size()); }
};

struct Outcome {
  std::vector<float> result, df, dcentre;
  bool operator==(const Outcome&) const = default;
};

template <class Run>
Outcome single_centre(const Batch& in, float scale, Run run) {
  std::vector<float> distance(in.label.size(), -9), weight{scale};
  Outcome out{std::vector<float>(kSingleCentreResults, -9), std::vector<float>(in.f.size(), -9),
              std::vector<float>(in.centre.size(), -9)};
  run(CentreDistance{in.f.data(), in.centre.data(), distance.data(), in.rows(), in.dim()});
  run(SingleCentreSummary{distance.data(), in.label.data(), out.result.data(), in.rows(), in.margin});
  run(SingleCentreBackward{in.f.data(), in.centre.data(), distance.data(), in.label.data(), out.result.data(),
                           weight.data(), out.df.data(), out.dcentre.data(), in.rows(), in.dim()});
  return out;
}

// Mean distance of a class from the centre, 0 without rows.
double mean_distance(const Batch& in, int label) {
  double sum = 0, count = 0;
  for (int64_t i = 0; i < in.rows(); ++i) {
    if (in.label[size_t(i)] != label) continue;
    double square = 0;
    for (int64_t d = 0; d < in.dim(); ++d)
      square += std::pow(double(in.f[size_t(i * in.dim() + d)]) - double(in.centre[size_t(d)]), 2);
    sum += std::sqrt(square), ++count;
  }
  return count > 0 ? sum / count : 0;
}

// Returns how far the fakes are from being far enough away.
template <class Run>
double check_batch(const Batch& in, Run run) {
  constexpr float kScale = 0.25f;  // a power of two: no rounding of its own
  const Outcome out = single_centre(in, kScale, run);
  const reference::Vector f(in.f.begin(), in.f.end()), centre(in.centre.begin(), in.centre.end());
  const auto rows = double(in.rows()), dim = double(in.dim()), margin = double(in.margin);
  const reference::SingleCentre truth =
      reference::single_centre(f, in.label, centre, margin / std::sqrt(dim));
  const double natural = mean_distance(in, 0), manipulated = mean_distance(in, 1);
  // A distance is the root of a sum of dim squares, each rounded twice before; a mean is a sum of rows.
  const double distance = (dim / 2 + 3 + rows) * kUnit;
  CHECK(std::abs(out.result[kNaturalDistance] - natural) <= distance * natural);
  CHECK(std::abs(out.result[kManipulatedDistance] - manipulated) <= distance * manipulated);
  const double parts = 2 * natural + manipulated + margin;
  CHECK(std::abs(out.result[kSingleCentreLoss] - truth.loss) <= (distance + 3 * kUnit) * parts);

  // An entry is at most its row's slope; that of the centre is a sum over rows.
  const auto reals = double(std::count(in.label.begin(), in.label.end(), 0));
  const double slope =
      2 / std::max(1.0, std::min(reals > 0 ? reals : rows, reals < rows ? rows - reals : rows));
  const double tolerance = slope * (distance + 6 * kUnit);
  double worst = 0, worst_centre = 0;
  for (size_t i = 0; i < f.size(); ++i) worst = std::max(worst, std::abs(out.df[i] / kScale - truth.df[i]));
  for (size_t d = 0; d < centre.size(); ++d)
    worst_centre = std::max(worst_centre, std::abs(out.dcentre[d] / kScale - truth.dcentre[d]));
  CHECK(worst <= tolerance);
  CHECK(worst_centre <= rows * tolerance);
  return natural - manipulated + margin;
}

Batch random_batch(int64_t rows, int64_t dim, uint32_t index) {
  Rng rng(51, Purpose::test, index, uint32_t(dim));
  Batch b;
  for (int64_t i = 0; i < rows * dim; ++i) b.f.push_back(rng.uniform(-2, 2));
  for (int64_t d = 0; d < dim; ++d) b.centre.push_back(rng.uniform(-1, 1));
  for (int64_t i = 0; i < rows; ++i) b.label.push_back(i < 2 ? int(i) : rng.coin(.5f));
  return b;
}

template <class Run>
void check_random(Run run) {
  int apart = 0, near = 0;
  for (const int64_t dim : {1, 6, 33, 200})  // lanes out of columns; two blocks of columns
    for (const float margin : {0.f, .3f, 2.f})
      for (uint32_t index = 0; index < 3; ++index) {
        CAPTURE(dim);
        CAPTURE(margin);
        CAPTURE(index);
        Batch b = random_batch(7, dim, index);
        b.margin = margin * std::sqrt(float(dim));
        (check_batch(b, run) > 0 ? near : apart) += 1;
      }
  CHECK(near > 0);
  CHECK(apart > 0);
}

// Whole numbers: every value exact.
template <class Run>
void check_exact(Run run) {
  // Distances 5 and 10 of the reals, 5 and 13 of the fakes; 7.5 - 9 + 2 = 0.5 are missing.
  const Batch b{{4, 5, 7, 9, -2, 5, 6, -11}, {0, 0, 1, 1}, {1, 1}, 2};
  const Outcome out = single_centre(b, 1, run);
  CHECK(out.result == std::vector<float>{8, 7.5f, 9, 1, -.5f});
  CHECK(out.df == std::vector<float>{1 / 5.f * 3, 1 / 5.f * 4, .1f * 6, .1f * 8, .1f * 3, -.1f * 4,
                                     -.5f / 13 * 5, -.5f / 13 * -12});

  // Nothing is missing: the fakes are left alone, and at the kink too.
  for (const float margin : {1.f, 1.5f}) {
    const Outcome far = single_centre({b.f, b.label, b.centre, margin}, 1, run);
    CHECK(far.result == std::vector<float>{7.5f, 7.5f, 9, .5f, 0});
    CHECK(std::all_of(far.df.begin() + 4, far.df.end(), [](float g) { return g == 0; }));
  }
}

template <class Run>
void check_edges(Run run) {
  for (const int only : {0, 1}) {  // one class: the other's mean is left out
    CAPTURE(only);
    Batch b = random_batch(5, 6, 9);
    b.label.assign(5, only);
    b.margin = 20;
    CHECK(check_batch(b, run) > 0);
  }

  Batch b = random_batch(6, 33, 3);
  b.margin = 20;
  std::copy(b.centre.begin(), b.centre.end(), b.f.begin());       // a real row at the centre
  std::copy(b.centre.begin(), b.centre.end(), b.f.begin() + 33);  // and a fake one
  const Outcome out = single_centre(b, 1, run);
  CHECK(std::all_of(out.df.begin(), out.df.begin() + 66, [](float g) { return g == 0; }));
  CHECK(std::all_of(out.df.begin() + 66, out.df.end(), [](float g) { return std::isfinite(g) && g != 0; }));
  CHECK(std::all_of(out.dcentre.begin(), out.dcentre.end(), [](float g) { return std::isfinite(g); }));

  b.f[40] = NAN;  // shows in the loss
  CHECK(std::isnan(single_centre(b, 1, run).result[kSingleCentreLoss]));
}

template <class Run>
void check_golden(Run run) {
  const golden::Json cases = golden::load("controls").at("single_centre");
  REQUIRE(cases.size() == 3);
  for (const golden::Json& k : cases) {
    const std::string name = k.at("name");
    CAPTURE(name);
    const auto f = golden::values(name + "/f", 12 * 16), centre = golden::values(name + "/centre", 16);
    const Batch b{
        {f.begin(), f.end()}, k.at("labels"), {centre.begin(), centre.end()}, k.at("m").get<float>() * 4};
    const Outcome out = single_centre(b, 1, run);
    CHECK(golden::excess(k.at("loss"), std::span(out.result).first(1)) <= golden::kAllowed);
    CHECK(golden::excess(k.at("df"), out.df) <= golden::kAllowed);
    CHECK(golden::excess(k.at("dcentre"), out.dcentre) <= golden::kAllowed);
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
  TEST_CASE("single-centre loss: values, gradients, absent classes, rows at the centre, PyTorch's") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_all(run);
    });
  }

  TEST_CASE("single-centre loss: the same bits for any number of threads") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      Batch b = random_batch(37, 300, 1);
      b.margin = 20;
      CHECK(same_for_any_threads([&] { return single_centre(b, .5f, run); }));
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("single-centre loss for any lane count and order") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_all(run);
    });
  }
}

}  // namespace rc
