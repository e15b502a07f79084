#include "engine/host/weight_gradient.h"

#include "engine/host/convolution.h"
#include "engine/host/isa.h"
#include "engine/host/outer_products.h"
#include "engine/host/paired_gradient.h"

namespace rc {
namespace {

constexpr int64_t kChunk = 512;      // pixels that pass over all sums before the next
constexpr int64_t kRowAtLeast = 32;  // pixels of a row, where a stride makes rows: shorter ones cost too much

// Of a 1x1 convolution in fp32: both sides are read where they lie.
class PointwiseGradient : public Plan {
 public:
  explicit PointwiseGradient(const ConvDesc& d) : d_(d) {}
  std::string engine() const override { return "own 1x1:avx512"; }
  size_t workspace() const override { return transposed() ? size_t(d_.c * d_.k) * sizeof(float) : 0; }

  void run(const void* x, const void* dy, void* dw, void* workspace) override {
    const int64_t all = d_.n * d_.p() * d_.q();
    const Side in{static_cast<const float*>(x), in_of_pointwise(d_), d_.c},
        out{static_cast<const float*>(dy), out_of_pointwise(d_), d_.k};
    float *result = static_cast<float*>(dw), *scratch = static_cast<float*>(workspace);
    const OuterProducts products =
        transposed() ? OuterProducts{in, out, scratch, d_.k} : OuterProducts{out, in, result, d_.c};
    shared_out(products.pieces(), [&](int64_t first, int64_t end) {
      for (int64_t p = 0; p < all; p += kChunk)
        add_products(products, Factors::floats, {first, end}, {p, std::min(p + kChunk, all)}, p == 0);
    });
    if (transposed()) transpose_sums(scratch, 1, d_.c, d_.k, result);
  }

 private:
  bool transposed() const { return d_.k > d_.c; }  // the side with more channels makes wide panels

  ConvDesc d_;
};

}  // namespace

std::unique_ptr<Plan> weight_gradient_plan(const ConvDesc& d, const Policy& policy) {
  if (host_target() != Target::avx512 || d.groups != 1) return nullptr;
  if (d.c % OuterProducts::kRows != 0 || d.k % OuterProducts::kRows != 0) return nullptr;
  std::unique_ptr<Plan> plan;
  if (d.dtype == DType::f32) {
    const bool long_rows = d.stride == 1 || d.q() >= kRowAtLeast;
    if (pointwise(d) && long_rows) plan = std::make_unique<PointwiseGradient>(d);
  } else if (d.in_block == d.c && d.out_block == d.k && own_bf16()) {
    plan = std::make_unique<PairedGradient>(d);
  }
  return plan && plan->workspace() <= policy.workspace_limit ? std::move(plan) : nullptr;
}

}  // namespace rc
