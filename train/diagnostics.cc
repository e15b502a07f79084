#include "train/diagnostics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "engine/error.h"

namespace rc {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

struct Mean {
  double sum = 0, count = 0;
  void add(double x) { sum += x, count += 1; }
  double value() const { return count > 0 ? sum / count : kNothing; }
};

// Linear interpolation between order statistics (type 7, NumPy's default).
double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return kNothing;
  const double at = q * double(sorted.size() - 1);
  const auto below = size_t(at), above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - double(below)) * (sorted[above] - sorted[below]);
}

double cosine(const EmbeddingSnapshot& s, int64_t i, int64_t j) {
  const float *a = &s.keys[size_t(i * s.dim)], *b = &s.keys[size_t(j * s.dim)];
  return std::inner_product(a, a + s.dim, b, 0.0);
}

void add_pairs(Row& out, const EmbeddingSnapshot& s) {
  const auto batch = int64_t(s.label.size()), compared = std::min(batch, kComparedRows);
  std::vector<int64_t> row;
  for (int64_t i = 0; i < compared; ++i) row.push_back(i * batch / compared);

  Mean alignment, negative, spread, violations;
  std::vector<double> cosines(row.size());
  for (const int64_t i : row) {
    double hardest = -std::numeric_limits<double>::infinity();
    for (size_t k = 0; k < row.size(); ++k) {
      cosines[k] = cosine(s, i, row[k]);
      if (s.label[size_t(row[k])] != s.label[size_t(i)]) hardest = std::max(hardest, cosines[k]);
    }
    for (size_t k = 0; k < row.size(); ++k) {
      if (row[k] == i) continue;
      spread.add(std::exp(-2 * (2 - 2 * cosines[k])));  // |z_i - z_j|^2 of unit rows
      if (s.label[size_t(row[k])] != s.label[size_t(i)]) {
        negative.add(cosines[k]);
      } else {
        alignment.add(cosines[k]);
        violations.add(cosines[k] - s.margin < hardest);
      }
    }
  }
  out.insert(out.end(), {{"alignment", alignment.value()},
                         {"negative_cosine", negative.value()},
                         {"uniformity", std::log(spread.value())},
                         {"margin_violations", violations.value()}});
}

void add_centre(Row& out, const EmbeddingSnapshot& s) {
  for (const int label : {0, 1}) {
    const std::string name = label == 0 ? "real_centre_" : "fake_centre_";
    std::vector<double> at;
    Mean mean;
    for (size_t i = 0; i < s.label.size(); ++i)
      if (s.label[i] == label) at.push_back(1 - double(s.distance[i])), mean.add(at.back());
    std::ranges::sort(at);
    out.insert(out.end(), {{name + "mean", mean.value()},
                           {name + "q10", quantile(at, 0.1)},
                           {name + "q50", quantile(at, 0.5)},
                           {name + "q90", quantile(at, 0.9)}});
  }
}

void add_synthesis(Row& out, const EmbeddingSnapshot& s) {
  const auto batch = int64_t(s.label.size()), synthetic = int64_t(s.rows.size() / 2);
  Mean mined[2], moved[2], used;
  for (int64_t k = 0; k < synthetic; ++k) {
    const int64_t source = s.rows[size_t(2 * k)];
    used.add(source >= 0);
    if (source < 0 || source >= batch) continue;  // not in use, or made of a row of the queue
    const int kind = k >= s.positives;
    mined[kind].add(1 - double(s.distance[size_t(source)]));
    moved[kind].add(std::acos(std::clamp(cosine(s, batch + k, source), -1.0, 1.0)));
  }
  out.insert(out.end(), {{"mined_positive_centre", mined[0].value()},
                         {"mined_negative_centre", mined[1].value()},
                         {"positive_moved", moved[0].value()},
                         {"negative_moved", moved[1].value()},
                         {"synthetic_in_use", used.value()}});
}

}  // namespace

Row diagnose(const EmbeddingSnapshot& s) {
  check(s.keys.size() == (s.label.size() + s.rows.size() / 2) * size_t(s.dim) &&
            s.distance.size() == s.label.size(),
        "a snapshot's arrays belong together");
  Row out;
  add_pairs(out, s);
  add_centre(out, s);
  add_synthesis(out, s);
  out.emplace_back("nonfinite",
                   int64_t(std::ranges::count_if(s.keys, [](float x) { return !std::isfinite(x); })));
  return out;
}

}  // namespace rc
