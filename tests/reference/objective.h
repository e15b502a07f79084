// The real-centric objective in plain double-precision loops, written from the formulas: the truth that
// kernels are tested against. Everything discrete or random (sources, coefficients) is an argument, so that a
// test can give kernel and reference the same draws.
#pragma once

#include <functional>

#include "tests/reference/synthesis.h"

namespace rc::reference {

enum class Form {
  d1,
  d2
};  // d1: positives compete in the softmax (SupCon); d2: each positive against the negatives alone
enum class Margin { cos, arc };  // phi(s) = s - m, or cos(acos s + m)
enum class Role { key, anchor };

struct Objective {
  Form form = Form::d1;
  Margin margin = Margin::cos;
  double m = 0.2, tau = 0.1;
  std::vector<HardPositive> positives = {};
  Role role = Role::key;  // of the hard positives
  bool detach_positives = false;
  std::vector<FusedNegative> negatives = {};
  bool detach_negatives = false;
  // Rows of the batch with the same number are of one tuple of forgery, those with -1 of none. Such a
  // positive has the weight w, such a negative the factor nu in the softmax.
  std::vector<int> tuple = {};
  double w = 1, nu = 1;
  // What is added to the cosine of anchor i and key k: shows where an error of rounding would lead to.
  std::function<double(int, int)> rounding = {};
};

// Synthetic embeddings, [count, D] unit rows; zeros where a row is no key.
Vector hard_positives(const Objective&, const Vector& z, const Constants&);
Vector fused_negatives(const Objective&, const Vector& z, const Constants&);

// Supervised contrastive margin loss of unit rows z [N, D] and given synthetic rows: the mean over anchors
// that have a positive. Hard positives are positives of every row of their class but their source (as
// anchors: with every row of their class but their source); fused rows are negatives of the other class, or
// of their owner alone and the anchor extrapolated from it. The gradient has a row for each of z, hard and
// fused, in this order.
LossGradient margin_loss(const Objective&, const Vector& z, Labels, const Vector& hard, const Vector& fused,
                         int dim);

// The whole objective: value and gradient with respect to the raw rows v [N, D].
LossGradient objective(const Objective&, const Vector& v, Labels, const Constants&);

}  // namespace rc::reference
