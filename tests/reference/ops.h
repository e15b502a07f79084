// Layer operations in plain double-precision loops: the truth that kernels are tested against. Activations
// are NHWC, weights KRSC. On small integers every sum here is exact, so a kernel can be compared with
// tolerance zero.
#pragma once

#include <span>
#include <vector>

namespace rc::reference {

using Vector = std::vector<double>;

// x [N, H, W, C], w [K, R, S, C / groups], y [N, out_h, out_w, K]; the same stride and zero padding in both
// directions.
struct Conv {
  int n, h, w, c, k, r, s;
  int stride = 1, pad = 0, groups = 1;
  int out_h() const { return (h + 2 * pad - r) / stride + 1; }
  int out_w() const { return (w + 2 * pad - s) / stride + 1; }
};
Vector conv2d(const Conv&, const Vector& x, const Vector& w);
Vector conv2d_grad_data(const Conv&, const Vector& dy, const Vector& w);
Vector conv2d_grad_weight(const Conv&, const Vector& dy, const Vector& x);

// Batch norm over rows of [rows, C], each row times its row_scale (where not empty), then + residual (where
// not empty), then ReLU or SiLU (where asked): y = relu(s (xhat gamma + beta) + r). Batch statistics with
// biased variance normalise; running variance takes the unbiased one (rows / (rows - 1)), as PyTorch.
struct BatchNorm {
  int channels;
  bool relu = false;
  double momentum = 0.1, eps = 1e-5;
  bool silu = false;
  Vector row_scale = {};
};
struct BatchNormResult {
  Vector y, mean, variance;  // of the batch, biased
  Vector z;                  // y before the activation
};
struct BatchNormGrad {
  Vector dx, dgamma, dbeta, dresidual;
};
BatchNormResult batch_norm(const BatchNorm&, const Vector& x, const Vector& gamma, const Vector& beta,
                           const Vector& residual, Vector& running_mean, Vector& running_variance);
BatchNormGrad batch_norm_grad(const BatchNorm&, const Vector& dy, const Vector& x, const Vector& gamma,
                              const BatchNormResult& forward);
Vector batch_norm_inference(const BatchNorm&, const Vector& x, const Vector& gamma, const Vector& beta,
                            const Vector& residual, const Vector& running_mean,
                            const Vector& running_variance);

// 3x3, stride 2, padding 1: [N, H, W, C] -> [N, (H + 1) / 2, (W + 1) / 2, C]. Among equals the first in row
// order takes the gradient.
Vector max_pool(int n, int h, int w, int c, const Vector& x);
Vector max_pool_grad(int n, int h, int w, int c, const Vector& dy, const Vector& x);

// [N, pixels, C] -> [N, C]
Vector average_pool(int n, int pixels, int c, const Vector& x);
Vector average_pool_grad(int n, int pixels, int c, const Vector& dy);

// x / (1 + e^-x) and its derivative.
double silu(double x);
double silu_slope(double x);

// Squeeze and excitation: x [N, pixels, C] times gate [N, C] = sigmoid(w2 silu(w1 mean + b1) + b2), w1 [R,
// C], w2 [C, R].
struct SqueezeExcite {
  int n, pixels, c, reduced;
};
struct SqueezeExciteResult {
  Vector y, mean, z1, gate;  // z1 [N, R] before the SiLU
};
struct SqueezeExciteGrad {
  Vector dx, dw1, db1, dw2, db2;
};
SqueezeExciteResult squeeze_excite(const SqueezeExcite&, const Vector& x, const Vector& w1, const Vector& b1,
                                   const Vector& w2, const Vector& b2);
SqueezeExciteGrad squeeze_excite_grad(const SqueezeExcite&, const Vector& dy, const Vector& x,
                                      const Vector& w1, const Vector& w2, const SqueezeExciteResult& forward);

// y = x w^T + b: x [N, in], w [out, in], b [out], y [N, out].
struct LinearGrad {
  Vector dx, dw, db;
};
Vector linear(int n, int in, int out, const Vector& x, const Vector& w, const Vector& b);
LinearGrad linear_grad(int n, int in, int out, const Vector& dy, const Vector& x, const Vector& w);

// Mean over rows of log sum exp(l) - l[label], and its gradient: logits [N, classes].
struct LossGradient {
  double loss;
  Vector gradient;
};
LossGradient cross_entropy(int classes, const Vector& logits, std::span<const int> labels);

// Rows of [rows, dim] to unit length; the gradient is (dz - z (z.dz)) / |v|.
Vector l2_normalise(int dim, const Vector& v);
Vector l2_normalise_grad(int dim, const Vector& dz, const Vector& v);

}  // namespace rc::reference
