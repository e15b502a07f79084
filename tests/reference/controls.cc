#include "tests/reference/controls.h"

#include <algorithm>
#include <cmath>

namespace rc::reference {

SingleCentre single_centre(const Vector& f, std::span<const int> labels, const Vector& centre, double m) {
  const size_t dim = centre.size(), rows = labels.size();
  Vector distance(rows);
  double mean[2] = {}, count[2] = {};
  for (int label : labels) ++count[label];
  for (size_t i = 0; i < rows; ++i) {
    for (size_t d = 0; d < dim; ++d) distance[i] += std::pow(f[i * dim + d] - centre[d], 2);
    distance[i] = std::sqrt(distance[i]);
    mean[labels[i]] += distance[i] / count[labels[i]];
  }
  const double missing = mean[0] - mean[1] + m * std::sqrt(double(dim));
  const double slope[2] = {missing > 0 ? 2.0 : 1.0, missing > 0 ? -1.0 : 0.0};  // dL / dM

  SingleCentre out{mean[0] + std::max(missing, 0.0), Vector(f.size()), Vector(dim)};
  for (size_t i = 0; i < rows; ++i)
    for (size_t d = 0; d < dim && distance[i] > 0; ++d) {
      const double g = slope[labels[i]] / count[labels[i]] * (f[i * dim + d] - centre[d]) / distance[i];
      out.df[i * dim + d] = g;
      out.dcentre[d] -= g;
    }
  return out;
}

LossGradient consistency(const Vector& f, int dim, int views) {
  const int images = int(f.size()) / (dim * views), pairs = views * (views - 1) / 2;
  const Vector u = l2_normalise(dim, f);
  double loss = 0;
  Vector du(f.size());
  for (int i = 0; i < images; ++i)
    for (int a = 0; a < views; ++a)
      for (int b = a + 1; b < views; ++b) {
        const int first = (a * images + i) * dim, second = (b * images + i) * dim;
        double gap = -1;
        for (int d = 0; d < dim; ++d) gap += u[first + d] * u[second + d];
        loss += gap * gap / (images * pairs);
        for (int d = 0; d < dim; ++d) {
          du[first + d] += 2 * gap / (images * pairs) * u[second + d];
          du[second + d] += 2 * gap / (images * pairs) * u[first + d];
        }
      }
  return {loss, l2_normalise_grad(dim, du, f)};
}

}  // namespace rc::reference
