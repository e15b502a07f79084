#include "data/one_sided.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace rc {
namespace {

std::array<double, 2> count(const std::vector<int>& labels) {
  std::array<double, 2> n = {0, 0};
  for (const int label : labels) ++n[size_t(label)];
  return n;
}

// The mean of two shares of coin tosses has the variance (1/4)(1/(4 m) + 1/(4 n)).
double chance_of_names(const std::array<double, 2>& n) {
  return std::min(1.0, 0.5 + 3 * 0.25 * std::sqrt(1 / n[0] + 1 / n[1]));
}

// Mann and Whitney's variance of A without ties: (m + n + 1) / (12 m n).
double chance_of_numbers(const std::array<double, 2>& n) {
  return std::min(1.0, 0.5 + 3 * std::sqrt((n[0] + n[1] + 1) / (12 * n[0] * n[1])));
}

}  // namespace

Telltale telltale_of_names(const std::vector<std::string>& names, const std::vector<int>& labels) {
  const std::array<double, 2> n = count(labels);
  if (n[0] < 2 || n[1] < 2) return {};
  std::map<std::string, std::array<double, 2>> of_name;
  for (size_t i = 0; i < names.size(); ++i) ++of_name[names[i]][size_t(labels[i])];
  double accuracy = 0;
  for (const auto& [name, here] : of_name)
    for (const size_t label : {0u, 1u}) {
      const double same = (here[label] - 1) / (n[label] - 1), other = here[1 - label] / n[1 - label];
      const double right = same > other ? 1 : same < other ? 0 : 0.5;
      accuracy += here[label] * right / (2 * n[label]);
    }
  return {accuracy, chance_of_names(n)};
}

Telltale telltale_of_numbers(const std::vector<double>& numbers, const std::vector<int>& labels) {
  const std::array<double, 2> n = count(labels);
  if (n[0] < 2 || n[1] < 2) return {};
  std::vector<std::pair<double, int>> sorted;
  for (size_t i = 0; i < numbers.size(); ++i) sorted.emplace_back(numbers[i], labels[i]);
  std::ranges::sort(sorted);
  double below = 0, wins = 0;  // reals below the run of equal numbers; pairs that the fake wins
  for (size_t i = 0; i < sorted.size();) {
    std::array<double, 2> run = {0, 0};
    const double value = sorted[i].first;
    for (; i < sorted.size() && sorted[i].first == value; ++i) ++run[size_t(sorted[i].second)];
    wins += run[1] * (below + run[0] / 2);
    below += run[0];
  }
  const double area = wins / (n[0] * n[1]);
  return {std::max(area, 1 - area), chance_of_numbers(n)};
}

}  // namespace rc
