// The golden files: read from the source tree (tests run at its root), with the comparison that their error
// bounds allow.
#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "engine/file.h"
#include "tests/golden/formula.h"

namespace rc::golden {

using Json = nlohmann::json;

// tests/golden/<name>.json
inline Json load(const std::string& name) {
  return Json::parse(read_file("tests/golden/" + name + ".json", 1 << 20));
}

// A test allows this many times the stored float32 errors: they come from three orders of summation, which
// only sample the size of rounding errors, and Winograd convolutions round a few times more coarsely than
// direct ones.
constexpr double kAllowed = 8;

// What is stored of a large tensor. The error is the largest distance of PyTorch's own float32 runs from
// float64.
struct Summary {
  std::string name;
  size_t count;
  double norm, sum;
  std::vector<double> samples;
  double l2_error, max_error;
};

inline void from_json(const Json& j, Summary& s) {
  s = {j.at("name"),    j.at("count"),          j.at("norm"),           j.at("sum"),
       j.at("samples"), j.at("error").at("l2"), j.at("error").at("max")};
}

// How far `values` (in PyTorch's order) are from the stored tensor, in units of the float32 error: at most 1
// means "as near to float64 as PyTorch's float32 is". The norm moves by at most the L2 distance, the sum by
// sqrt(count) times it, a sample by the largest distance. Wrong counts give infinity.
inline double excess(const Summary& s, std::span<const float> values) {
  if (values.size() != s.count) return INFINITY;
  double square = 0, sum = 0, worst = 0;
  for (float v : values) square += double(v) * v, sum += v;
  // Storing in float32 alone costs half a unit in the last place.
  const double l2 = s.l2_error + 0x1p-24 * s.norm, tiny = 1e-30;
  worst = std::max(std::abs(std::sqrt(square) - s.norm), std::abs(sum - s.sum) / std::sqrt(double(s.count))) /
          (l2 + tiny);
  for (size_t j = 0; j < s.samples.size(); ++j) {
    const double got = values[sample_position(s.name, int(j), s.count)];
    const double allowed = s.max_error + 0x1p-24 * std::abs(s.samples[j]) + tiny;
    worst = std::max(worst, std::abs(got - s.samples[j]) / allowed);
  }
  return std::isnan(square) ? INFINITY : worst;
}

// The same for a small tensor that is stored in full as {"values": [..], "error": largest distance}.
inline double excess(const Json& tensor, std::span<const float> values) {
  const std::vector<double> expected = tensor.at("values");
  if (values.size() != expected.size()) return INFINITY;
  double worst = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double allowed = tensor.at("error").get<double>() + 0x1p-24 * std::abs(expected[i]);
    const double ratio = std::abs(values[i] - expected[i]) / allowed;
    worst = std::isnan(ratio) ? INFINITY : std::max(worst, ratio);
  }
  return worst;
}

}  // namespace rc::golden
