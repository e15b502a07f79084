#include "engine/host/direct.h"

#include "engine/host/caches.h"
#include "engine/host/isa.h"
#include "engine/host/product.h"

namespace rc {
namespace {

// A filter in the order of its use: panel by panel [depth, 16 * width], filled up with zeros.
size_t packed_bytes(const Product& product) {
  return size_t(product.panels.vectors() * kVector * product.depth) * sizeof(float);
}
float* packed_panel(const Product& product, float* packed, int64_t panel) {
  return packed + product.panels.begin(panel) * kVector * product.depth;
}

// w(c, k) lies at c * by_depth + k * by_channel, either is 1; the channels of a tap lie side by side.
void pack(const Product& product, const float* w, int64_t by_depth, int64_t by_channel, float* packed) {
  const int64_t depth = product.depth, taps = product.taps, blocks = (depth + kVector - 1) / kVector;
  shared_out(product.panels.count() * blocks, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const int64_t panel = i / blocks, block = i % blocks, c0 = block * kVector,
                    some = std::min(kVector, depth - c0);
      const int64_t k0 = product.panels.begin(panel) * kVector, all = product.panels.width(panel) * kVector;
      const int64_t there = std::min(all, product.panels.channels - k0);
      const int64_t in_filter = block % taps * (depth / taps) + block / taps * kVector;
      const float* from = w + in_filter * by_depth + k0 * by_channel;
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
      const Operands at{in + product.in.at(n, p, 0),
                        packed_panel(product, packed, panel),
                        bias ? bias + vector * kVector : nullptr,
                        residual ? residual + to : nullptr,
                        out + to,
                        p};
      const int width = product.panels.width(panel);
      const auto run = product.taps > 1 ? tiles_of<true>(width) : tiles_of<false>(width);
      run(product, at, product.panels.last(panel), std::min(last_p, pixels) - p);
    }
    _mm_sfence();  // what went past the caches is seen by all
  });
}

bool strided(const ConvDesc& d) {
  const int64_t taps = d.r * d.s;
  return d.stride > 1 && taps > 1 && taps <= 64 && d.groups == 1 && d.c % kVector == 0 &&
         by_vectors(d.c, d.in_block) && by_vectors(d.k, d.out_block);
}
bool applies(const ConvDesc& d, Direction direction) {
  if (host_target() != Target::avx512 || d.dtype != DType::f32) return false;
  if (pointwise(d)) return direction != Direction::weight_gradient;
  return strided(d) && direction == Direction::forward;
}

Product product_of(const ConvDesc& d, Direction direction) {
  const bool forward = direction == Direction::forward, one_tap = pointwise(d);
  const Stored x = in_of_pointwise(d),
               y = one_tap ? out_of_pointwise(d) : met(1, d.p() * d.q(), d.k, d.out_block, 1),
               out = forward ? y : x;
  Product product{.rows = d.n * out.rows,
                  .depth = forward ? d.r * d.s * d.c : d.k,
                  .taps = d.r * d.s,
                  .in = forward ? x : y,
                  .out = out,
                  .panels = {forward ? d.k : d.c},
                  .past_caches = size_t(d.n * out.image) * sizeof(float) > bytes_left_to_caches() &&
                                 out.pixel == kVector};
  if (!one_tap) {
    product.in = {1, out.pixels, d.h * d.w * d.c, 0, 0, x.vector};
    product.windows = {d.h, d.w, d.in_block, d.r, d.s, d.stride, d.pad, d.q()};
  }
  return product;
}
std::string name_of(const Product& product) {
  return product.taps == 1 ? "own 1x1:avx512" : "own strided:avx512";
}

class DirectPlan : public Plan {
 public:
  DirectPlan(const ConvDesc& d, Direction direction)
      : product_(product_of(d, direction)),
        unmet_(direction == Direction::data_gradient && d.stride > 1 ? d.n * d.h * d.w * d.c : 0),
        by_depth_(direction == Direction::forward ? 1 : d.c),
        by_channel_(direction == Direction::forward ? d.r * d.s * d.c : 1) {}
  std::string engine() const override { return name_of(product_); }
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

class DirectFused : public FusedConvolution {
 public:
  DirectFused(const ConvDesc& d, const Epilogue& epilogue) : product_(product_of(d, Direction::forward)) {
    product_.activation = epilogue.activation;
  }
  std::string engine() const override { return name_of(product_); }
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

std::unique_ptr<Plan> direct_plan(const ConvDesc& d, Direction direction, const Policy& policy) {
  if (!applies(d, direction)) return nullptr;
  auto plan = std::make_unique<DirectPlan>(d, direction);
  return plan->workspace() <= policy.workspace_limit ? std::move(plan) : nullptr;
}

std::unique_ptr<FusedConvolution> direct_fused(const ConvDesc& d, const Epilogue& epilogue) {
  if (!applies(d, Direction::forward) || epilogue.activation == Activation::sigmoid) return nullptr;
  return std::make_unique<DirectFused>(d, epilogue);
}

}  // namespace rc
