// The middle of some numbers.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

namespace rc {

// The mean of the middle two of an even number of them; NaN of nothing.
inline double median(std::vector<double> x) {
  if (x.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(x);
  return (x[(x.size() - 1) / 2] + x[x.size() / 2]) / 2;
}

}  // namespace rc
