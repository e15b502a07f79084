// Parameter updates in plain double precision, one tensor at a time, as PyTorch computes them.
#pragma once

#include <span>
#include <vector>

namespace rc::reference {

using Vector = std::vector<double>;

// g += wd w;  b = momentum b + g;  w -= lr b.
struct Sgd {
  double lr, momentum = 0, weight_decay = 0;
};
void sgd(const Sgd&, Vector& w, const Vector& gradient, Vector& momentum_buffer);

// m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  w -= lr mhat / (sqrt(vhat) + eps). Weight decay is added
// to g (Adam) or, where decoupled, shrinks w first by lr wd (AdamW). `step` counts from 1.
struct Adam {
  double lr, weight_decay = 0;
  bool decoupled = false;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
};
void adam(const Adam&, int step, Vector& w, const Vector& gradient, Vector& m, Vector& v);

// torch.nn.utils.clip_grad_norm_: the norm over all tensors; where limit / (norm + 1e-6) < 1, gradients are
// scaled by it.
double clip_gradient_norm(std::span<Vector> gradients, double limit);

// average = decay average + (1 - decay) w
void ema(double decay, Vector& average, const Vector& w);

}  // namespace rc::reference
