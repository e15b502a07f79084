// The control losses in plain double-precision loops, with their gradients: what the real-centric objective
// is compared with.
#pragma once

#include <span>

#include "tests/reference/ops.h"

namespace rc::reference {

// Single-centre loss (Li et al., CVPR 2021) of features f [N, D] and a learnable centre [D]:
// M_nat + max(M_nat - M_man + m sqrt(D), 0), M the mean of |f - C| over reals (labels 0) and over fakes. The
// mean of a class without rows counts as 0; a row at the centre, and the kink of the max, have the gradient
// 0.
struct SingleCentre {
  double loss;
  Vector df, dcentre;
};
SingleCentre single_centre(const Vector& f, std::span<const int> labels, const Vector& centre, double m);

// Cosine consistency (CORE: Ni et al., CVPR Workshops 2022) of features f [views * images, dim], view after
// view: the mean over images and pairs of views of (cos - 1)^2.
LossGradient consistency(const Vector& f, int dim, int views = 2);

}  // namespace rc::reference
