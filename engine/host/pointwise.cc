#include "engine/host/pointwise.h"

#include <cmath>

#include "engine/host/caches.h"
#include "engine/host/isa.h"
#include "engine/host/tiles.h"

namespace rc {
namespace {

// out(n, p, k) = activation(the sum over c of in(n, p, c) * filter(c, k) + bias(k) + residual(n, p, k)).
struct Product {
  int64_t rows, depth;  // rows: of all images, as Stored has them; depth: number of c
  Stored in, out;
  Panels panels;     // of k
  bool past_caches;  // out is larger than they are, and its vectors are whole cache lines
  Activation activation = Activation::none;  // none, ReLU or SiLU
};

// A filter in the order of its use: panel by panel [depth, 16 * width], filled up with zeros.
size_t packed_bytes(const Product& product) {
  return size_t(product.panels.vectors() * kVector * product.depth) * sizeof(float);
}
float* packed_panel(const Product& product, float* packed, int64_t panel) {
  return packed + product.panels.begin(panel) * kVector * product.depth;
}

// w(c, k) lies at c * by_depth + k * by_channel; either is 1.
void pack(const Product& product, const float* w, int64_t by_depth, int64_t by_channel, float* packed) {
  const int64_t depth = product.depth, blocks = (depth + kVector - 1) / kVector;
  shared_out(product.panels.count() * blocks, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const int64_t panel = i / blocks, c0 = i % blocks * kVector, some = std::min(kVector, depth - c0);
      const int64_t k0 = product.panels.begin(panel) * kVector, all = product.panels.width(panel) * kVector;
      const int64_t there = std::min(all, product.panels.channels - k0);
      const float* from = w + c0 * by_depth + k0 * by_channel;
      float* to = packed_panel(product, packed, panel) + c0 * all;
      if (by_depth == 1) {
        for (int64_t k = 0; k < all; k += kVector)
          transpose(from + k * by_channel, by_channel, there - k, some, to + k, all, kVector);
      } else {
        for (int64_t c = 0; c < some; ++c)
          std::fill(std::copy_n(from + c * by_depth, there, to + c * all), to + (c + 1) * all, 0.0f);
      }
    }
  });
}

// Where a tile's operands begin. bias and residual may be null.
struct Operands {
  const float *in, *filter, *bias, *residual;
  float* out;

  void pass(const Product& product, int64_t pixels) {
    in += pixels * product.in.pixel, out += pixels * product.out.pixel;
    if (residual) residual += pixels * product.out.pixel;
  }
};

// x / (1 + exp(-x)), within 7e-8 (1 + |x|) of it: -x / ln 2 is rounded. exp is 2^t, of whose fraction a
// polynomial has the least greatest relative error, 7.5e-8. Division takes a unit of its own; where exp is
// infinite it gives zero.
RC_AVX512_INLINE __m512 all(float v) { return _mm512_set1_ps(v); }
RC_AVX512_INLINE __m512 silu(__m512 x) {
  const __m512 t = _mm512_mul_ps(x, all(-1.442695041f));
  const __m512 f = _mm512_maskz_reduce_ps(0xffff, t, _MM_FROUND_TO_NEG_INF);
  __m512 power = all(1.877576695e-3f);
  power = _mm512_fmadd_ps(power, f, all(8.989339694e-3f));
  power = _mm512_fmadd_ps(power, f, all(5.582631752e-2f));
  power = _mm512_fmadd_ps(power, f, all(2.401536107e-1f));
  power = _mm512_fmadd_ps(power, f, all(6.931530833e-1f));
  power = _mm512_fmadd_ps(power, f, all(9.999999404e-1f));
  return _mm512_div_ps(x, _mm512_add_ps(all(1), _mm512_maskz_scalef_ps(0xffff, power, t)));
}

// Results of `pixels` neighbours for a panel of channels, which stay in registers from the first product to
// the last.
template <int pixels, int vectors>
RC_AVX512_INLINE void tile(const Product& product, Operands at, __mmask16 last) {
  const int64_t in_pixel = product.in.pixel, in_vector = product.in.vector;
  const int64_t out_pixel = product.out.pixel, out_vector = product.out.vector;
  const bool past_caches = product.past_caches;
  RC_UNROLL
  for (int p = 0; p < pixels; ++p) {
    RC_UNROLL
    for (int v = 0; v < vectors; ++v) {  // what the end of this will wait for
      const int64_t to = p * out_pixel + v * out_vector;
      if (at.residual) __builtin_prefetch(at.residual + to);
      if (!past_caches) __builtin_prefetch(at.out + to, 1);
    }
  }

  Sums<Values::floats, pixels, vectors> sums;
  sums.clear();
  int64_t left = product.depth;
  for (; left >= kVector; left -= kVector, at.in += in_vector) {
    RC_UNROLL
    for (int p = 0; p < pixels; ++p) __builtin_prefetch(at.in + (pixels + p) * in_pixel);  // the next tile's
    for (int64_t c = 0; c < kVector; ++c, at.filter += vectors * kVector)
      sums.add(at.in + c, in_pixel, at.filter, kVector, 0xffff);
  }
  for (int64_t c = 0; c < left; ++c, at.filter += vectors * kVector)
    sums.add(at.in + c, in_pixel, at.filter, kVector, 0xffff);

  const __m512 least = _mm512_set1_ps(product.activation == Activation::relu ? 0 : -INFINITY);
  RC_UNROLL
  for (int v = 0; v < vectors; ++v) {
    const __m512 bias = at.bias ? sums.read(at.bias + v * kVector, v, last) : _mm512_setzero_ps();
    RC_UNROLL
    for (int p = 0; p < pixels; ++p) {
      const int64_t to = p * out_pixel + v * out_vector;
      __m512 y = sums.sum[p][v];
      if (at.bias) y = _mm512_add_ps(y, bias);
      if (at.residual) y = _mm512_add_ps(y, sums.read(at.residual + to, v, last));
      y = _mm512_maskz_max_ps(0xffff, least, y);  // y where it is NaN
      if (product.activation == Activation::silu) y = silu(y);
      past_caches ? _mm512_stream_ps(at.out + to, y) : sums.write(at.out + to, v, last, y);
    }
  }
}

template <int vectors>
RC_AVX512 void tiles(const Product& product, Operands at, __mmask16 last, int64_t pixels) {
  constexpr int most = vectors == 1 ? 16 : 24 / vectors;
  for (; pixels >= most; pixels -= most, at.pass(product, most)) tile<most, vectors>(product, at, last);
  for (; pixels >= 4; pixels -= 4, at.pass(product, 4)) tile<4, vectors>(product, at, last);
  for (; pixels >= 1; pixels -= 1, at.pass(product, 1)) tile<1, vectors>(product, at, last);
}

// Blocks of about 96 pixels, which the caches hold while each panel of the filter, which they hold as well,
// passes over them.
void multiply(Product product, const float* in, float* packed, const float* bias, const float* residual,
              float* out) {
  const int64_t pixels = product.in.pixels, groups = (pixels + 23) / 24, blocks = (groups + 3) / 4;
  const int64_t panels = product.panels.count();
  if (reinterpret_cast<uintptr_t>(out) % 64 != 0) product.past_caches = false;
  shared_out(product.rows * blocks * panels, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const int64_t panel = i % panels, n = i / panels / blocks, block = i / panels % blocks;
      const int64_t p = groups * block / blocks * 24, last_p = groups * (block + 1) / blocks * 24;
      const int64_t vector = product.panels.begin(panel), to = product.out.at(n, p, vector);
      const Operands at{in + product.in.at(n, p, 0), packed_panel(product, packed, panel),
                        bias ? bias + vector * kVector : nullptr, residual ? residual + to : nullptr,
                        out + to};
      const auto run = product.panels.width(panel) == 3   ? tiles<3>
                       : product.panels.width(panel) == 2 ? tiles<2>
                                                          : tiles<1>;
      run(product, at, product.panels.last(panel), std::min(last_p, pixels) - p);
    }
    _mm_sfence();  // what went past the caches is seen by all
  });
}

bool applies(const ConvDesc& d) {
  return host_target() == Target::avx512 && d.dtype == DType::f32 && pointwise(d);
}
Product product_of(const ConvDesc& d, Direction direction) {
  const bool forward = direction == Direction::forward;
  const Stored x = in_of_pointwise(d), y = out_of_pointwise(d), out = forward ? y : x;
  return {.rows = d.n * out.rows,
          .depth = forward ? d.c : d.k,
          .in = forward ? x : y,
          .out = out,
          .panels = {forward ? d.k : d.c},
          .past_caches =
              size_t(d.n * out.image) * sizeof(float) > bytes_left_to_caches() && out.pixel == kVector};
}

class PointwisePlan : public Plan {
 public:
  PointwisePlan(const ConvDesc& d, Direction direction)
      : product_(product_of(d, direction)),
        unmet_(direction == Direction::data_gradient && d.stride > 1 ? d.n * d.h * d.w * d.c : 0),
        by_depth_(direction == Direction::forward ? 1 : d.c),
        by_channel_(direction == Direction::forward ? d.c : 1) {}
  std::string engine() const override { return "own 1x1:avx512"; }
  size_t workspace() const override { return packed_bytes(product_); }
  void run(const void* in, const void* w, void* out, void* workspace) override {
    float *packed = static_cast<float*>(workspace), *result = static_cast<float*>(out);
    shared_out(unmet_, [&](int64_t first, int64_t end) { std::fill(result + first, result + end, 0.0f); });
    pack(product_, static_cast<const float*>(w), by_depth_, by_channel_, packed);
    multiply(product_, static_cast<const float*>(in), packed, nullptr, nullptr, result);
  }

 private:
  Product product_;
  int64_t unmet_;  // values of a result of which the filter meets but some pixels: zeros but there
  int64_t by_depth_, by_channel_;
};

class PointwiseFused : public FusedConvolution {
 public:
  PointwiseFused(const ConvDesc& d, const Epilogue& epilogue) : product_(product_of(d, Direction::forward)) {
    product_.activation = epilogue.activation;
  }
  std::string engine() const override { return "own 1x1:avx512"; }
  size_t workspace() const override { return 0; }
  size_t packed_bytes() const override { return rc::packed_bytes(product_); }
  void pack(const void* w, void* packed, void*) override {
    rc::pack(product_, static_cast<const float*>(w), 1, product_.depth, static_cast<float*>(packed));
  }
  void run(const void* x, const void* packed, const float* bias, const void* residual, void* y,
           void*) override {
    multiply(product_, static_cast<const float*>(x), static_cast<float*>(const_cast<void*>(packed)), bias,
             static_cast<const float*>(residual), static_cast<float*>(y));
  }

 private:
  Product product_;
};

}  // namespace

std::unique_ptr<Plan> pointwise_plan(const ConvDesc& d, Direction direction, const Policy& policy) {
  if (!applies(d) || direction == Direction::weight_gradient) return nullptr;
  auto plan = std::make_unique<PointwisePlan>(d, direction);
  return plan->workspace() <= policy.workspace_limit ? std::move(plan) : nullptr;
}

std::unique_ptr<FusedConvolution> pointwise_fused(const ConvDesc& d, const Epilogue& epilogue) {
  if (!applies(d) || epilogue.activation == Activation::sigmoid) return nullptr;
  return std::make_unique<PointwiseFused>(d, epilogue);
}

}  // namespace rc
