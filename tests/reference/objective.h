// The real-centric objective in plain double-precision loops, written from the formulas: the truth that
// kernels are tested against. Everything discrete or random (sources, coefficients) is an argument, so that a
// test can give kernel and reference the same draws.
#pragma once

#include <span>
#include <vector>

#include "tests/reference/ops.h"

namespace rc::reference {

using Labels = std::span<const int>;  // [N] 0 real, 1 fake

enum class Form {
  d1,
  d2
};  // d1: positives compete in the softmax (SupCon); d2: each positive against the negatives alone
enum class Margin { cos, arc };  // phi(s) = s - m, or cos(acos s + m)
enum class Role { key, anchor };

// Extrapolated real: normalise(c + lambda (z_source - c)).
struct HardPositive {
  int source;
  double lambda;
};

// Fused fakes: normalise(weight z_first + (1 - weight) z_second); first = centre puts c in the place of
// z_first (type 2).
struct FusedNegative {
  static constexpr int centre = -1;
  int first, second;
  double weight;
};

struct Objective {
  Form form = Form::d1;
  Margin margin = Margin::cos;
  double m = 0.2, tau = 0.1;
  std::vector<HardPositive> positives = {};
  Role role = Role::key;  // of the hard positives
  bool detach_positives = false;
  std::vector<FusedNegative> negatives = {};
  bool detach_negatives = false;
};

// Synthetic embeddings, [count, D] unit rows. A sum shorter than 1e-4 gives a row of zeros, which is no key.
Vector hard_positives(const Objective&, const Vector& z, const Vector& c);
Vector fused_negatives(const Objective&, const Vector& z, const Vector& c);

// Supervised contrastive margin loss of unit rows z [N, D] and given synthetic rows: the mean over anchors
// that have a positive. Hard positives are positives of every real but their source (as anchors: with every
// real but their source); fused negatives are negatives of real anchors alone. The gradient has a row for
// each of z, hard and fused, in this order.
LossGradient margin_loss(const Objective&, const Vector& z, Labels, const Vector& hard, const Vector& fused,
                         int dim);

// The whole objective: value and gradient with respect to the raw rows v [N, D]; nothing flows through the
// centre c.
LossGradient objective(const Objective&, const Vector& v, Labels, const Vector& c);

// Centre of natural faces after a batch: normalise(a c + (1 - a) mean of real z); the batch's own mean where
// c is empty. A batch without reals, or with a mean shorter than 1e-3, leaves c as it was.
Vector update_centre(const Vector& c, const Vector& z, Labels, double a = 0.9);

// Marginal reals: the ceil(rho |R|) reals with the largest 1 - z.c, farthest first, ties by index.
std::vector<int> mine_positives(const Vector& z, Labels, const Vector& c, double rho = 0.25);

// Hard fakes: the `count` fakes (all, if fewer) with the largest z.c, nearest first, ties by index.
std::vector<int> mine_negatives(const Vector& z, Labels, const Vector& c, int count = 8);

// lambda, or 1 where the extrapolated point would lie on the fakes' side: z~.c below the fakes' mean z.c.
double guarded_lambda(HardPositive, const Vector& z, Labels, const Vector& c);

}  // namespace rc::reference
