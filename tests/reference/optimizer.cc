#include "tests/reference/optimizer.h"

#include <cmath>

namespace rc::reference {

void sgd(const Sgd& o, Vector& w, const Vector& gradient, Vector& momentum_buffer) {
  for (size_t i = 0; i < w.size(); ++i) {
    momentum_buffer[i] = o.momentum * momentum_buffer[i] + gradient[i] + o.weight_decay * w[i];
    w[i] -= o.lr * momentum_buffer[i];
  }
}

void adam(const Adam& o, int step, Vector& w, const Vector& gradient, Vector& m, Vector& v) {
  for (size_t i = 0; i < w.size(); ++i) {
    if (o.decoupled) w[i] -= o.lr * o.weight_decay * w[i];
    const double g = o.decoupled ? gradient[i] : gradient[i] + o.weight_decay * w[i];
    m[i] = o.beta1 * m[i] + (1 - o.beta1) * g;
    v[i] = o.beta2 * v[i] + (1 - o.beta2) * g * g;
    const double mhat = m[i] / (1 - std::pow(o.beta1, step)), vhat = v[i] / (1 - std::pow(o.beta2, step));
    w[i] -= o.lr * mhat / (std::sqrt(vhat) + o.eps);
  }
}

double clip_gradient_norm(std::span<Vector> gradients, double limit) {
  double square = 0;
  for (const Vector& g : gradients)
    for (double x : g) square += x * x;
  const double norm = std::sqrt(square), scale = limit / (norm + 1e-6);
  if (scale < 1)
    for (Vector& g : gradients)
      for (double& x : g) x *= scale;
  return norm;
}

void ema(double decay, Vector& average, const Vector& w) {
  for (size_t i = 0; i < w.size(); ++i) average[i] = decay * average[i] + (1 - decay) * w[i];
}

}  // namespace rc::reference
