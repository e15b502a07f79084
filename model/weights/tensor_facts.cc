#include "model/weights/tensor_facts.h"

#include <algorithm>
#include <cmath>

namespace rc {

TensorFacts facts_of(const StoredTensor& t) {
  TensorFacts f{NAN, NAN, NAN, NAN};
  const size_t count = size_t(count_of(t));
  double sum = 0, square = 0, finite = 0;
  for (size_t i = 0; i < count; ++i) {
    const double x = element(t, i);
    f.nan += std::isnan(x), f.infinite += std::isinf(x);
    if (!std::isfinite(x)) continue;
    sum += x, finite += 1;
    f.least = finite == 1 ? x : std::min(f.least, x), f.greatest = finite == 1 ? x : std::max(f.greatest, x);
  }
  if (finite == 0) return f;
  f.mean = sum / finite;
  for (size_t i = 0; i < count; ++i)  // a second time: the square of the mean would cancel
    if (const double x = element(t, i) - f.mean; std::isfinite(x)) square += x * x;
  f.deviation = std::sqrt(square / finite);
  return f;
}

}  // namespace rc
