#include "engine/host/winograd.h"

#include <cstring>

#include "engine/host/convolution.h"
#include "engine/host/isa.h"
#include "engine/host/winograd_gradient.h"
#include "engine/host/winograd_product.h"

namespace rc {
namespace {

using namespace winograd;

constexpr const char* kName = "own winograd:avx512";

template <class T>
class ProductPlan : public Plan {
 public:
  ProductPlan(const ConvDesc& d, Direction direction) : product_(d, direction, false) {}
  std::string engine() const override { return kName; }
  size_t workspace() const override { return product_.workspace(); }
  void run(const void* in, const void* w, void* out, void* workspace) override {
    product_.run(static_cast<const T*>(in), w, static_cast<T*>(out), Ending<T>{}, workspace);
  }

 private:
  WinogradProduct<T> product_;
};

template <class T>
class GradientPlan : public Plan {
 public:
  explicit GradientPlan(const ConvDesc& d) : gradient_(d) {}
  std::string engine() const override { return kName; }
  size_t workspace() const override { return gradient_.workspace(); }
  void run(const void* x, const void* dy, void* dw, void* workspace) override {
    gradient_.run(static_cast<const T*>(x), static_cast<const T*>(dy), static_cast<float*>(dw), workspace);
  }

 private:
  WinogradGradient<T> gradient_;
};

// A filter at the points is four times as large, eight times where it is bf16. Up to this size it is kept;
// of larger ones the making is about as fast as their reading.
constexpr int64_t kKept = int64_t(256) * 256;

template <class T>
class Fused : public FusedConvolution {
 public:
  Fused(const ConvDesc& d, const Epilogue& epilogue)
      : kept_(d.c * d.k <= kKept),
        product_(d, Direction::forward, kept_),
        taps_(size_t(d.k * kFilter * kFilter * d.c) * sizeof(T)),
        least_(epilogue.activation == Activation::relu ? 0 : -INFINITY) {}
  std::string engine() const override { return kName; }
  size_t workspace() const override { return product_.workspace(); }
  size_t packed_bytes() const override { return kept_ ? product_.filter_bytes() : taps_; }
  void pack(const void* w, void* packed, void*) override {
    if (kept_)
      product_.transform(static_cast<const T*>(w), static_cast<float*>(packed));
    else
      std::memcpy(packed, w, taps_);
  }
  void run(const void* x, const void* packed, const float* bias, const void* residual, void* y,
           void* workspace) override {
    product_.run(static_cast<const T*>(x), packed, static_cast<T*>(y),
                 Ending<T>{bias, static_cast<const T*>(residual), least_}, workspace);
  }

 private:
  bool kept_;
  WinogradProduct<T> product_;
  size_t taps_;  // bytes of the filter
  float least_;
};

// Tiles that are worth bringing a filter to the points, where the other way adds by pairs.
constexpr int64_t kFewestInBf16 = 24;

bool applies(const ConvDesc& d, Direction direction) {
  if (host_target() != Target::avx512) return false;
  if (d.dtype == DType::bf16 && !own_bf16()) return false;
  if (d.r != kFilter || d.s != kFilter || d.stride != 1 || d.groups != 1 || d.pad >= kFilter) return false;
  if (d.c % kVector != 0 || d.k % kVector != 0) return false;
  if (!by_vectors(d.c, d.in_block) || !by_vectors(d.k, d.out_block)) return false;
  const bool of_x = direction == Direction::data_gradient;
  const int64_t height = of_x ? d.h : d.p(), width = of_x ? d.w : d.q();
  const Tiles tiles(d.n, height, width);
  if (d.dtype == DType::bf16 && tiles.count() < kFewestInBf16) return false;
  return tiles.count() * kTile * kTile < 2 * d.n * height * width;
}

// Made<T> for the convolution's type; null beyond the limit of workspace.
template <template <class> class Made, class Base, class... Args>
std::unique_ptr<Base> made(const Policy& policy, const ConvDesc& d, const Args&... args) {
  std::unique_ptr<Base> plan;
  if (d.dtype == DType::bf16)
    plan = std::make_unique<Made<Bf16>>(d, args...);
  else
    plan = std::make_unique<Made<float>>(d, args...);
  return plan->workspace() <= policy.workspace_limit ? std::move(plan) : nullptr;
}

}  // namespace

std::unique_ptr<Plan> winograd_plan(const ConvDesc& d, Direction direction, const Policy& policy) {
  if (!applies(d, direction)) return nullptr;
  if (direction == Direction::weight_gradient) return made<GradientPlan, Plan>(policy, d);
  return made<ProductPlan, Plan>(policy, d, direction);
}

std::unique_ptr<FusedConvolution> winograd_fused(const ConvDesc& d, const Epilogue& epilogue,
                                                 const Policy& policy) {
  if (!applies(d, Direction::forward)) return nullptr;
  if (epilogue.activation != Activation::none && epilogue.activation != Activation::relu) return nullptr;
  return made<Fused, FusedConvolution>(policy, d, epilogue);
}

}  // namespace rc
