#include "tests/reference/ops.h"

#include <algorithm>
#include <cmath>

namespace rc::reference {
namespace {

// Calls f(x index, w index, y index) for every product of the convolution.
template <class F>
void for_each_product(const Conv& v, const F& f) {
  const int group_in = v.c / v.groups, group_out = v.k / v.groups, oh = v.out_h(), ow = v.out_w();
  for (int n = 0; n < v.n; ++n)
    for (int p = 0; p < oh; ++p)
      for (int q = 0; q < ow; ++q)
        for (int k = 0; k < v.k; ++k)
          for (int r = 0; r < v.r; ++r)
            for (int s = 0; s < v.s; ++s) {
              const int h = p * v.stride - v.pad + r, w = q * v.stride - v.pad + s;
              if (h < 0 || h >= v.h || w < 0 || w >= v.w) continue;
              for (int c = 0; c < group_in; ++c) {
                const int channel = k / group_out * group_in + c;
                f(((n * v.h + h) * v.w + w) * v.c + channel, ((k * v.r + r) * v.s + s) * group_in + c,
                  ((n * oh + p) * ow + q) * v.k + k);
              }
            }
}

// Calls f(x index, y index) for every output of the max pool with the place of its maximum.
template <class F>
void for_each_maximum(int n, int h, int w, int c, const Vector& x, const F& f) {
  int y = 0;
  for (int i = 0; i < n; ++i)
    for (int p = 0; p < (h + 1) / 2; ++p)
      for (int q = 0; q < (w + 1) / 2; ++q)
        for (int k = 0; k < c; ++k, ++y) {
          int best = -1;
          for (int a = std::max(0, 2 * p - 1); a <= std::min(h - 1, 2 * p + 1); ++a)
            for (int b = std::max(0, 2 * q - 1); b <= std::min(w - 1, 2 * q + 1); ++b) {
              const int at = ((i * h + a) * w + b) * c + k;
              if (best < 0 || x[at] > x[best]) best = at;
            }
          f(best, y);
        }
}

Vector affine(const BatchNorm& bn, const Vector& x, const Vector& gamma, const Vector& beta,
              const Vector& residual, const Vector& mean, const Vector& variance) {
  Vector y(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t c = i % size_t(bn.channels);
    y[i] = (x[i] - mean[c]) / std::sqrt(variance[c] + bn.eps) * gamma[c] + beta[c];
    if (!bn.row_scale.empty()) y[i] *= bn.row_scale[i / size_t(bn.channels)];
    if (!residual.empty()) y[i] += residual[i];
  }
  return y;
}

Vector activated(const BatchNorm& bn, Vector z) {
  for (double& v : z) v = bn.silu ? silu(v) : bn.relu ? std::max(0.0, v) : v;
  return z;
}

}  // namespace

Vector conv2d(const Conv& v, const Vector& x, const Vector& w) {
  Vector y(size_t(v.n) * v.out_h() * v.out_w() * v.k);
  for_each_product(v, [&](int xi, int wi, int yi) { y[yi] += x[xi] * w[wi]; });
  return y;
}

Vector conv2d_grad_data(const Conv& v, const Vector& dy, const Vector& w) {
  Vector dx(size_t(v.n) * v.h * v.w * v.c);
  for_each_product(v, [&](int xi, int wi, int yi) { dx[xi] += dy[yi] * w[wi]; });
  return dx;
}

Vector conv2d_grad_weight(const Conv& v, const Vector& dy, const Vector& x) {
  Vector dw(size_t(v.k) * v.r * v.s * (v.c / v.groups));
  for_each_product(v, [&](int xi, int wi, int yi) { dw[wi] += dy[yi] * x[xi]; });
  return dw;
}

BatchNormResult batch_norm(const BatchNorm& bn, const Vector& x, const Vector& gamma, const Vector& beta,
                           const Vector& residual, Vector& running_mean, Vector& running_variance) {
  const size_t channels = size_t(bn.channels);
  const double rows = double(x.size() / channels);
  Vector mean(channels), variance(channels);
  for (size_t i = 0; i < x.size(); ++i) mean[i % channels] += x[i] / rows;
  for (size_t i = 0; i < x.size(); ++i)
    variance[i % channels] += (x[i] - mean[i % channels]) * (x[i] - mean[i % channels]) / rows;
  for (size_t c = 0; c < channels; ++c) {
    running_mean[c] += bn.momentum * (mean[c] - running_mean[c]);
    running_variance[c] += bn.momentum * (variance[c] * rows / (rows - 1) - running_variance[c]);
  }
  const Vector z = affine(bn, x, gamma, beta, residual, mean, variance);
  return {activated(bn, z), mean, variance, z};
}

Vector batch_norm_inference(const BatchNorm& bn, const Vector& x, const Vector& gamma, const Vector& beta,
                            const Vector& residual, const Vector& running_mean,
                            const Vector& running_variance) {
  return activated(bn, affine(bn, x, gamma, beta, residual, running_mean, running_variance));
}

BatchNormGrad batch_norm_grad(const BatchNorm& bn, const Vector& dy, const Vector& x, const Vector& gamma,
                              const BatchNormResult& forward) {
  const size_t channels = size_t(bn.channels);
  const double rows = double(x.size() / channels);
  const auto deviation = [&](size_t c) { return std::sqrt(forward.variance[c] + bn.eps); };
  const auto xhat = [&](size_t i) { return (x[i] - forward.mean[i % channels]) / deviation(i % channels); };
  BatchNormGrad g{Vector(x.size()), Vector(channels), Vector(channels), dy};
  Vector normalised(x.size());  // the gradient of xhat gamma + beta
  for (size_t i = 0; i < x.size(); ++i) {
    if (bn.relu && forward.y[i] <= 0) g.dresidual[i] = 0;
    if (bn.silu) g.dresidual[i] *= silu_slope(forward.z[i]);
    normalised[i] = g.dresidual[i] * (bn.row_scale.empty() ? 1 : bn.row_scale[i / channels]);
    g.dgamma[i % channels] += normalised[i] * xhat(i);
    g.dbeta[i % channels] += normalised[i];
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t c = i % channels;
    g.dx[i] = gamma[c] / deviation(c) * (normalised[i] - g.dbeta[c] / rows - xhat(i) * g.dgamma[c] / rows);
  }
  return g;
}

Vector max_pool(int n, int h, int w, int c, const Vector& x) {
  Vector y(size_t(n) * ((h + 1) / 2) * ((w + 1) / 2) * c);
  for_each_maximum(n, h, w, c, x, [&](int xi, int yi) { y[yi] = x[xi]; });
  return y;
}

Vector max_pool_grad(int n, int h, int w, int c, const Vector& dy, const Vector& x) {
  Vector dx(x.size());
  for_each_maximum(n, h, w, c, x, [&](int xi, int yi) { dx[xi] += dy[yi]; });
  return dx;
}

Vector average_pool(int n, int pixels, int c, const Vector& x) {
  Vector y(size_t(n) * c);
  for (int i = 0; i < n; ++i)
    for (int p = 0; p < pixels; ++p)
      for (int k = 0; k < c; ++k) y[i * c + k] += x[(i * pixels + p) * c + k];
  for (double& v : y) v /= pixels;
  return y;
}

Vector average_pool_grad(int n, int pixels, int c, const Vector& dy) {
  Vector dx(size_t(n) * pixels * c);
  for (int i = 0; i < n; ++i)
    for (int p = 0; p < pixels; ++p)
      for (int k = 0; k < c; ++k) dx[(i * pixels + p) * c + k] = dy[i * c + k] / pixels;
  return dx;
}

double silu(double x) { return x / (1 + std::exp(-x)); }

double silu_slope(double x) {
  const double s = 1 / (1 + std::exp(-x));
  return s * (1 + x * (1 - s));
}

SqueezeExciteResult squeeze_excite(const SqueezeExcite& se, const Vector& x, const Vector& w1,
                                   const Vector& b1, const Vector& w2, const Vector& b2) {
  SqueezeExciteResult out{x, average_pool(se.n, se.pixels, se.c, x), {}, {}};
  out.z1 = linear(se.n, se.c, se.reduced, out.mean, w1, b1);
  Vector hidden(out.z1);
  for (double& v : hidden) v = silu(v);
  out.gate = linear(se.n, se.reduced, se.c, hidden, w2, b2);
  for (double& v : out.gate) v = 1 / (1 + std::exp(-v));
  for (size_t i = 0; i < x.size(); ++i)
    out.y[i] *= out.gate[i / size_t(se.pixels * se.c) * size_t(se.c) + i % size_t(se.c)];
  return out;
}

SqueezeExciteGrad squeeze_excite_grad(const SqueezeExcite& se, const Vector& dy, const Vector& x,
                                      const Vector& w1, const Vector& w2,
                                      const SqueezeExciteResult& forward) {
  const auto of_gate = [&](size_t i) {
    return i / size_t(se.pixels * se.c) * size_t(se.c) + i % size_t(se.c);
  };
  Vector back(forward.gate.size()), hidden(forward.z1);
  for (size_t i = 0; i < x.size(); ++i) back[of_gate(i)] += dy[i] * x[i];
  for (size_t i = 0; i < back.size(); ++i) back[i] *= forward.gate[i] * (1 - forward.gate[i]);
  for (double& v : hidden) v = silu(v);
  LinearGrad expand = linear_grad(se.n, se.reduced, se.c, back, hidden, w2);
  for (size_t i = 0; i < hidden.size(); ++i) expand.dx[i] *= silu_slope(forward.z1[i]);
  const LinearGrad reduce = linear_grad(se.n, se.c, se.reduced, expand.dx, forward.mean, w1);
  Vector dx = average_pool_grad(se.n, se.pixels, se.c, reduce.dx);
  for (size_t i = 0; i < x.size(); ++i) dx[i] += dy[i] * forward.gate[of_gate(i)];
  return {dx, reduce.dw, reduce.db, expand.dw, expand.db};
}

Vector linear(int n, int in, int out, const Vector& x, const Vector& w, const Vector& b) {
  Vector y(size_t(n) * out);
  for (int i = 0; i < n; ++i)
    for (int o = 0; o < out; ++o) {
      y[i * out + o] = b[o];
      for (int j = 0; j < in; ++j) y[i * out + o] += x[i * in + j] * w[o * in + j];
    }
  return y;
}

LinearGrad linear_grad(int n, int in, int out, const Vector& dy, const Vector& x, const Vector& w) {
  LinearGrad g{Vector(x.size()), Vector(w.size()), Vector(out)};
  for (int i = 0; i < n; ++i)
    for (int o = 0; o < out; ++o) {
      g.db[o] += dy[i * out + o];
      for (int j = 0; j < in; ++j) {
        g.dx[i * in + j] += dy[i * out + o] * w[o * in + j];
        g.dw[o * in + j] += dy[i * out + o] * x[i * in + j];
      }
    }
  return g;
}

LossGradient cross_entropy(int classes, const Vector& logits, std::span<const int> labels) {
  LossGradient out{0, Vector(logits.size())};
  const double rows = double(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    const double* l = &logits[i * classes];
    const double peak = *std::max_element(l, l + classes);
    double sum = 0;
    for (int k = 0; k < classes; ++k) sum += std::exp(l[k] - peak);
    out.loss += (peak + std::log(sum) - l[labels[i]]) / rows;
    for (int k = 0; k < classes; ++k)
      out.gradient[i * classes + k] = (std::exp(l[k] - peak) / sum - (k == labels[i])) / rows;
  }
  return out;
}

Vector l2_normalise(int dim, const Vector& v) {
  Vector z(v.size());
  for (size_t row = 0; row < v.size(); row += dim) {
    double square = 0;
    for (int d = 0; d < dim; ++d) square += v[row + d] * v[row + d];
    for (int d = 0; d < dim; ++d) z[row + d] = v[row + d] / std::sqrt(square);
  }
  return z;
}

Vector l2_normalise_grad(int dim, const Vector& dz, const Vector& v) {
  Vector dv(v.size());
  for (size_t row = 0; row < v.size(); row += dim) {
    double square = 0, along = 0;
    for (int d = 0; d < dim; ++d) square += v[row + d] * v[row + d], along += v[row + d] * dz[row + d];
    for (int d = 0; d < dim; ++d)
      dv[row + d] = (dz[row + d] - v[row + d] * along / square) / std::sqrt(square);
  }
  return dv;
}

}  // namespace rc::reference
