// The numbers about a batch's embeddings, on points in the plane whose angles are known.
#include "train/diagnostics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace rc {
namespace {

// Unit vectors of the plane at these degrees.
std::vector<float> at_degrees(const std::vector<double>& degrees) {
  std::vector<float> out;
  for (const double d : degrees)
    out.push_back(float(std::cos(d * std::numbers::pi / 180))),
        out.push_back(float(std::sin(d * std::numbers::pi / 180)));
  return out;
}

double cosine(double degrees) { return std::cos(degrees * std::numbers::pi / 180); }

double number(const Row& row, const std::string& name) {
  for (const auto& [key, cell] : row)
    if (key == name)
      return std::holds_alternative<double>(cell) ? std::get<double>(cell) : double(std::get<int64_t>(cell));
  FAIL("no number " << name);
  return 0;
}

// The rows are fp32: a cosine of two carries three roundings of 6e-8.
doctest::Approx about(double x) { return doctest::Approx(x).epsilon(3e-7); }

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("diagnostics: pairs, centre, synthesis on known angles") {
    // Reals at 0 and 20 degrees, fakes at 60 and 90; the centre at 0. One real extrapolated to 30, two fakes
    // fused at 75, one key not in use.
    std::vector<float> keys = at_degrees({0, 20, 60, 90, 30, 75});
    keys.insert(keys.end(), {0, 0});
    const std::vector<int32_t> label = {0, 0, 1, 1}, rows = {1, -1, 2, 3, -1, -1};
    const std::vector<float> distance = {0, float(1 - cosine(20)), float(1 - cosine(60)), 1};
    const Row row = diagnose({2, label, keys, rows, distance, 1, 0.3});

    CHECK(number(row, "alignment") == about((cosine(20) + cosine(30)) / 2));
    CHECK(number(row, "negative_cosine") == about((cosine(60) + cosine(90) + cosine(40) + cosine(70)) / 4));
    double spread = 0;
    for (const double d : {20, 60, 90, 40, 70, 30}) spread += std::exp(-4 + 4 * cosine(d)) / 6;
    CHECK(number(row, "uniformity") == about(std::log(spread)));
    // Anchors: 0 (20 against 60), 20 (20 against 40), 60 (30 against 40), 90 (30 against 70); margin 0.3.
    // cos 20 - .3 = .64 against .5 and .77; cos 30 - .3 = .57 against .77 and .34.
    CHECK(number(row, "margin_violations") == 0.5);
    CHECK(number(row, "real_centre_mean") == about((1 + cosine(20)) / 2));
    CHECK(number(row, "real_centre_q50") == about((1 + cosine(20)) / 2));
    CHECK(number(row, "fake_centre_q10") == about(0.1 * cosine(60)));
    CHECK(number(row, "fake_centre_q90") == about(0.9 * cosine(60)));
    CHECK(number(row, "mined_positive_centre") == about(cosine(20)));
    CHECK(number(row, "mined_negative_centre") == about(cosine(60)));
    // An angle's error is that of the cosine, 2e-7, over the sine.
    CHECK(std::abs(number(row, "positive_moved") - 10 * std::numbers::pi / 180) < 2e-6);
    CHECK(std::abs(number(row, "negative_moved") - 15 * std::numbers::pi / 180) < 2e-6);
    CHECK(number(row, "synthetic_in_use") == about(2.0 / 3));
    CHECK(number(row, "nonfinite") == 0);
  }

  TEST_CASE("diagnostics: one class, no synthesis, a collapsed batch, a broken one") {
    std::vector<float> keys = at_degrees({45, 45, 45});
    const std::vector<int32_t> label = {0, 0, 0};
    const std::vector<float> distance = {0, 0, 0};
    const Row row = diagnose({2, label, keys, {}, distance, 0, 0.2});
    CHECK(number(row, "alignment") == about(1));
    CHECK(std::abs(number(row, "uniformity")) < 1e-6);
    for (const char* empty : {"negative_cosine", "fake_centre_mean", "fake_centre_q50", "positive_moved",
                              "mined_negative_centre", "synthetic_in_use"})
      CHECK(std::isnan(number(row, empty)));
    CHECK(number(row, "margin_violations") == 0);  // no negative is harder than any positive

    keys[1] = NAN, keys[4] = INFINITY;
    CHECK(number(diagnose({2, label, keys, {}, distance, 0, 0.2}), "nonfinite") == 2);
  }

  TEST_CASE("diagnostics: large batches are compared on evenly spaced rows") {
    const int64_t batch = 2 * kComparedRows;
    std::vector<double> degrees;
    std::vector<int32_t> label;
    for (int64_t i = 0; i < batch; ++i) degrees.push_back(i % 2 == 0 ? 0 : 180), label.push_back(0);
    const std::vector<float> keys = at_degrees(degrees), distance(size_t(batch), 0);
    // Every second row: the odd ones, which point the other way, are not among them.
    CHECK(number(diagnose({2, label, keys, {}, distance, 0, 0}), "alignment") == about(1));
  }
}

}  // namespace rc
