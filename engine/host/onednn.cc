#include "engine/host/onednn.h"

#include <unordered_map>

#include "engine/host/onednn_passage.h"

namespace rc {
namespace {

using namespace onednn;
using dnnl::memory;

// A primitive with three operands: two go in, one comes out.
class OnednnPlan : public Plan {
 public:
  struct Operand {
    int argument;  // DNNL_ARG_*
    Side side;
  };

  OnednnPlan(const dnnl::primitive& primitive, std::string implementation, const memory::desc& scratchpad,
             const Operand& a, const Operand& b, const Operand& out)
      : primitive_(primitive),
        implementation_(std::move(implementation)),
        scratchpad_(scratchpad, cpu(), nullptr),
        a_(a.side, Passage::Way::in, rounded(scratchpad.get_size())),
        b_(b.side, Passage::Way::in, rounded(scratchpad.get_size()) + a_.bytes()),
        out_(out.side, Passage::Way::out, rounded(scratchpad.get_size()) + a_.bytes() + b_.bytes()),
        workspace_(rounded(scratchpad.get_size()) + a_.bytes() + b_.bytes() + out_.bytes()),
        arguments_{{a.argument, a_.theirs()},
                   {b.argument, b_.theirs()},
                   {out.argument, out_.theirs()},
                   {DNNL_ARG_SCRATCHPAD, scratchpad_}} {}

  std::string engine() const override { return implementation_; }
  size_t workspace() const override { return workspace_; }

  void run(const void* a, const void* b, void* out, void* workspace) override {
    scratchpad_.set_data_handle(workspace);
    a_.enter(a, workspace);
    b_.enter(b, workspace);
    out_.place(out, workspace);
    primitive_.execute(queue(), arguments_);
    out_.leave(out);
    queue().wait();
  }

 private:
  dnnl::primitive primitive_;
  std::string implementation_;
  memory scratchpad_;
  Passage a_, b_, out_;
  size_t workspace_;
  std::unordered_map<int, memory> arguments_;  // handles of the same memories
};

std::unique_ptr<OnednnPlan> matmul_plan(const GemmDesc& d, const std::string& what) {
  const auto matrix = [](DType dtype, int64_t rows, int64_t columns, bool transpose) {
    return memory::desc({rows, columns}, type_of(dtype),
                        transpose ? memory::format_tag::ba : memory::format_tag::ab);
  };
  const memory::desc a = matrix(d.dtype, d.m, d.k, d.transpose_a),
                     b = matrix(d.dtype, d.k, d.n, d.transpose_b), out = matrix(DType::f32, d.m, d.n, false);
  dnnl::primitive_attr attr = attributes();
  if (d.accumulate) {
    dnnl::post_ops ops;
    ops.append_sum(1.0f);
    attr.set_post_ops(ops);
  }
  const auto desc = describe<dnnl::matmul>(attr, a, b, out);
  refuse_reference(desc.impl_info_str(), what);
  return std::make_unique<OnednnPlan>(dnnl::matmul(desc), desc.impl_info_str(), desc.scratchpad_desc(),
                                      OnednnPlan::Operand{DNNL_ARG_SRC, {a, a}},
                                      OnednnPlan::Operand{DNNL_ARG_WEIGHTS, {b, b}},
                                      OnednnPlan::Operand{DNNL_ARG_DST, {out, out}});
}

// A 1x1 filter's gradient is a product of two matrices as they lie, where channels are side by side. oneDNN's
// own convolution keeps AMX at 6 % of its peak there, half of what the product reaches.
bool gradient_is_product(const ConvDesc& d) {
  const bool pointwise = d.r == 1 && d.s == 1 && d.stride == 1 && d.pad == 0 && d.groups == 1;
  return pointwise && d.in_block == d.c && d.out_block == d.k && d.dtype == DType::bf16 && onednn_has_amx();
}

// dw[K, C] = dy^T x, with a convolution's order of operands: x, dy.
class ProductGradient : public Plan {
 public:
  explicit ProductGradient(const ConvDesc& d)
      : product_(
            matmul_plan({.dtype = d.dtype, .m = d.k, .n = d.c, .k = d.n * d.h * d.w, .transpose_a = true},
                        text_of(d, Direction::weight_gradient))) {}
  std::string engine() const override { return "matmul " + product_->engine(); }
  size_t workspace() const override { return product_->workspace(); }
  void run(const void* x, const void* dy, void* dw, void* workspace) override {
    product_->run(dy, x, dw, workspace);
  }

 private:
  std::unique_ptr<Plan> product_;
};

}  // namespace

std::string onednn_version() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

bool onednn_has_bf16() { return processor_has(dnnl::cpu_isa::avx512_core_bf16); }

bool onednn_has_amx() { return processor_has(dnnl::cpu_isa::avx512_core_amx); }

std::unique_ptr<Plan> onednn_plan(const ConvDesc& d, Direction direction, const Policy& policy) {
  if (direction == Direction::weight_gradient && gradient_is_product(d))
    return std::make_unique<ProductGradient>(d);
  const memory::desc w = filter_of(d, d.dtype);
  const memory::dims strides = {d.stride, d.stride}, dilates = {0, 0}, pads = {d.pad, d.pad};

  const dnnl::algorithm method = dnnl::algorithm::convolution_direct;
  using Operand = OnednnPlan::Operand;
  return checked(d, direction, policy, [&]() -> std::unique_ptr<Plan> {
    const Side x = input_of(d), y = output_of(d);
    const memory::desc w_any = any_filter_of(d, d.dtype);
    const auto forward =
        describe<dnnl::convolution_forward>(attributes(), dnnl::prop_kind::forward_training, method, x.theirs,
                                            w_any, y.theirs, strides, dilates, pads, pads);
    if (direction == Direction::forward)
      return std::make_unique<OnednnPlan>(dnnl::convolution_forward(forward), forward.impl_info_str(),
                                          forward.scratchpad_desc(), Operand{DNNL_ARG_SRC, x},
                                          Operand{DNNL_ARG_WEIGHTS, {w, forward.weights_desc()}},
                                          Operand{DNNL_ARG_DST, y});
    if (direction == Direction::data_gradient) {
      const auto desc = describe_backward<dnnl::convolution_backward_data>(
          forward, method, x.theirs, w_any, y.theirs, strides, dilates, pads, pads);
      return std::make_unique<OnednnPlan>(dnnl::convolution_backward_data(desc), desc.impl_info_str(),
                                          desc.scratchpad_desc(), Operand{DNNL_ARG_DIFF_DST, y},
                                          Operand{DNNL_ARG_WEIGHTS, {w, desc.weights_desc()}},
                                          Operand{DNNL_ARG_DIFF_SRC, x});
    }
    const auto desc = describe_backward<dnnl::convolution_backward_weights>(
        forward, method, x.theirs, any_filter_of(d, DType::f32), y.theirs, strides, dilates, pads, pads);
    return std::make_unique<OnednnPlan>(
        dnnl::convolution_backward_weights(desc), desc.impl_info_str(), desc.scratchpad_desc(),
        Operand{DNNL_ARG_SRC, x}, Operand{DNNL_ARG_DIFF_DST, y},
        Operand{DNNL_ARG_DIFF_WEIGHTS, {filter_of(d, DType::f32), desc.diff_weights_desc()}});
  });
}

std::unique_ptr<Plan> onednn_plan(const GemmDesc& d, const Policy&) {
  try {
    return matmul_plan(d, "GEMM " + d.text());
  } catch (const dnnl::error& e) {
    throw Error(Exit::device, std::string("oneDNN: ") + e.what(), "GEMM " + d.text());
  }
}

}  // namespace rc
