// Central differences: the check that a gradient is the derivative of its function.
#pragma once

#include <algorithm>
#include <cmath>

#include "tests/reference/ops.h"

namespace rc::reference {

// The largest |(f(x + h e_i) - f(x - h e_i)) / 2h - gradient_i|; f maps a Vector to double.
template <class F>
double worst_difference(const F& f, Vector x, const Vector& gradient, double h = 1e-5) {
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double at = x[i];
    x[i] = at + h;
    const double up = f(x);
    x[i] = at - h;
    const double down = f(x);
    x[i] = at;
    worst = std::max(worst, std::abs((up - down) / (2 * h) - gradient[i]));
  }
  return worst;
}

}  // namespace rc::reference
