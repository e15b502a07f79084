#include "engine/host/onednn.h"

#include <dnnl.hpp>
#include <optional>
#include <unordered_map>

namespace rc {
namespace {

using dnnl::algorithm;
using dnnl::memory;
using Dims = memory::dims;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}
dnnl::stream& queue() {
  static dnnl::stream stream(cpu());
  return stream;
}

memory::data_type type_of(DType dtype) {
  return dtype == DType::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

// 16 channels stored by 16 are NHWC and nChw16c at once; oneDNN wants both sides of a convolution to say the
// same.
bool blocked(const ConvDesc& d) {
  return d.dtype == DType::f32 && d.out_block == 16 && (d.in_block == 16 || d.in_block == 1);
}
memory::desc activation(DType dtype, int64_t n, int64_t h, int64_t w, int64_t c, int64_t block,
                        bool by_blocks) {
  using Tag = memory::format_tag;
  check(block == c || block == 16 || block == 1, "oneDNN stores activations as NHWC, nChw16c or planar");
  return {{n, c, h, w},
          type_of(dtype),
          block == 1 && c > 1       ? Tag::nchw
          : by_blocks || block != c ? Tag::nChw16c
                                    : Tag::nhwc};
}

Dims filter_dims(const ConvDesc& d) {
  if (d.groups == 1) return {d.k, d.c, d.r, d.s};
  return {d.groups, d.k / d.groups, d.c / d.groups, d.r, d.s};
}
memory::desc filter(const ConvDesc& d, DType dtype) {
  return {filter_dims(d), type_of(dtype),
          d.groups == 1 ? memory::format_tag::ohwi : memory::format_tag::gohwi};
}
memory::desc any_filter(const ConvDesc& d, DType dtype) {
  return {filter_dims(d), type_of(dtype), memory::format_tag::any};
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

// The one place where oneDNN 2 and 3 differ: how a convolution's primitive descriptor is made.
#if DNNL_VERSION_MAJOR >= 3
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe(const Args&... args) {
  return {cpu(), args..., attributes()};
}
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe_backward(const dnnl::convolution_forward::primitive_desc& hint,
                                                     const Args&... args) {
  return {cpu(), args..., hint, attributes()};
}
#else
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe(const Args&... args) {
  return {typename Primitive::desc(args...), attributes(), cpu()};
}
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe_backward(const dnnl::convolution_forward::primitive_desc& hint,
                                                     const Args&... args) {
  return {typename Primitive::desc(args...), attributes(), cpu(), hint};
}
#endif

size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Never the reference loops: they are hundreds of times slower, and nothing would say so.
void refuse_reference(const std::string& implementation, const std::string& what) {
  if (implementation.starts_with("ref") || implementation.find("_ref") != std::string::npos)
    throw Error(Exit::device, "oneDNN has only its reference loop (" + implementation + ")", what);
}

// A primitive with up to three operands, of which one may pass through a reorder because oneDNN wants the
// filter in an order of its own.
class OnednnPlan : public Plan {
 public:
  struct Operand {
    int argument;         // DNNL_ARG_*
    memory::desc ours;    // how the caller stores it
    memory::desc theirs;  // how the primitive wants it
  };

  OnednnPlan(const dnnl::primitive& primitive, std::string implementation, const memory::desc& scratchpad,
             const Operand& a, const Operand& b, const Operand& out)
      : primitive_(primitive), implementation_(std::move(implementation)) {
    scratchpad_ = memory(scratchpad, cpu(), nullptr);
    workspace_ = rounded(scratchpad.get_size());
    arguments_[DNNL_ARG_SCRATCHPAD] = scratchpad_;
    const Operand* operands[3] = {&a, &b, &out};
    for (size_t i = 0; i < 3; ++i) add(i, *operands[i]);
  }

  std::string engine() const override { return implementation_; }
  size_t workspace() const override { return workspace_; }

  void run(const void* a, const void* b, void* out, void* workspace) override {
    char* scratch = static_cast<char*>(workspace);
    scratchpad_.set_data_handle(scratch);
    void* data[3] = {const_cast<void*>(a), const_cast<void*>(b), out};
    for (size_t i = 0; i < 3; ++i) {
      slots_[i].ours.set_data_handle(data[i]);
      if (slots_[i].reorder) slots_[i].theirs.set_data_handle(scratch + slots_[i].offset);
    }
    for (size_t i = 0; i < 2; ++i)
      if (slots_[i].reorder) slots_[i].reorder->execute(queue(), slots_[i].ours, slots_[i].theirs);
    primitive_.execute(queue(), arguments_);
    if (slots_[2].reorder) slots_[2].reorder->execute(queue(), slots_[2].theirs, slots_[2].ours);
    queue().wait();
  }

 private:
  struct Slot {
    memory ours, theirs;
    std::optional<dnnl::reorder> reorder;
    size_t offset = 0;
  };

  void add(size_t i, const Operand& operand) {
    Slot& slot = slots_[i];
    slot.ours = memory(operand.ours, cpu(), nullptr);
    if (operand.ours == operand.theirs) {
      arguments_[operand.argument] = slot.ours;
      return;
    }
    slot.theirs = memory(operand.theirs, cpu(), nullptr);
    slot.offset = workspace_;
    workspace_ += rounded(operand.theirs.get_size());
    const dnnl::reorder::primitive_desc desc = i == 2 ? dnnl::reorder::primitive_desc(slot.theirs, slot.ours)
                                                      : dnnl::reorder::primitive_desc(slot.ours, slot.theirs);
    refuse_reference(desc.impl_info_str(), "reorder of a filter");
    slot.reorder = dnnl::reorder(desc);
    arguments_[operand.argument] = slot.theirs;
  }

  dnnl::primitive primitive_;
  std::string implementation_;
  memory scratchpad_;
  std::unordered_map<int, memory> arguments_;
  Slot slots_[3];
  size_t workspace_ = 0;
};

// Winograd's weight gradient of 512 x 512 filters wants 134 MB, more than all activations alive beside it: a
// step's peak for a hundredth of its time.
constexpr size_t kWinogradWorkspace = size_t(96) << 20;

template <class Describe>
std::unique_ptr<Plan> first_that_fits(const ConvDesc& d, Direction direction, const Policy& policy,
                                      const Describe& make) {
  const std::string what = std::string("convolution, ") + name_of(direction) + ", " + d.text();
  // Winograd wins by 1.6-2.5x where it applies (3x3, stride 1, fp32, channel blocks of 16), with fp32's own
  // rounding error.
  for (const algorithm method : {algorithm::convolution_winograd, algorithm::convolution_direct}) {
    if (method == algorithm::convolution_winograd &&
        (d.dtype != DType::f32 || d.r != 3 || d.stride != 1 || d.groups != 1))
      continue;
    try {
      std::unique_ptr<Plan> plan = make(method);
      if (plan->workspace() > policy.workspace_limit) continue;
      if (method == algorithm::convolution_winograd && plan->workspace() > kWinogradWorkspace) continue;
      refuse_reference(plan->engine(), what);
      return plan;
    } catch (const dnnl::error& e) {
      if (method == algorithm::convolution_direct)
        throw Error(Exit::device, std::string("oneDNN: ") + e.what(), what);
    }
  }
  throw Error(Exit::device, "oneDNN has no implementation within the workspace limit", what);
}

}  // namespace

std::string onednn_version() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

std::unique_ptr<Plan> onednn_plan(const ConvDesc& d, Direction direction, const Policy& policy) {
  using dnnl::prop_kind;
  const bool by_blocks = blocked(d);
  const memory::desc x = activation(d.dtype, d.n, d.h, d.w, d.c, d.in_block, by_blocks);
  const memory::desc y = activation(d.dtype, d.n, d.p(), d.q(), d.k, d.out_block, by_blocks);
  const memory::desc w = filter(d, d.dtype), w_any = any_filter(d, d.dtype);
  const Dims strides = {d.stride, d.stride}, dilates = {0, 0}, pads = {d.pad, d.pad};

  return first_that_fits(d, direction, policy, [&](algorithm method) -> std::unique_ptr<Plan> {
    const auto forward = describe<dnnl::convolution_forward>(prop_kind::forward_training, method, x, w_any, y,
                                                             strides, dilates, pads, pads);
    if (direction == Direction::forward)
      return std::make_unique<OnednnPlan>(dnnl::convolution_forward(forward), forward.impl_info_str(),
                                          forward.scratchpad_desc(), OnednnPlan::Operand{DNNL_ARG_SRC, x, x},
                                          OnednnPlan::Operand{DNNL_ARG_WEIGHTS, w, forward.weights_desc()},
                                          OnednnPlan::Operand{DNNL_ARG_DST, y, y});
    if (direction == Direction::data_gradient) {
      const auto desc = describe_backward<dnnl::convolution_backward_data>(forward, method, x, w_any, y,
                                                                           strides, dilates, pads, pads);
      return std::make_unique<OnednnPlan>(dnnl::convolution_backward_data(desc), desc.impl_info_str(),
                                          desc.scratchpad_desc(),
                                          OnednnPlan::Operand{DNNL_ARG_DIFF_DST, y, y},
                                          OnednnPlan::Operand{DNNL_ARG_WEIGHTS, w, desc.weights_desc()},
                                          OnednnPlan::Operand{DNNL_ARG_DIFF_SRC, x, x});
    }
    const auto desc = describe_backward<dnnl::convolution_backward_weights>(
        forward, method, x, any_filter(d, DType::f32), y, strides, dilates, pads, pads);
    return std::make_unique<OnednnPlan>(
        dnnl::convolution_backward_weights(desc), desc.impl_info_str(), desc.scratchpad_desc(),
        OnednnPlan::Operand{DNNL_ARG_SRC, x, x}, OnednnPlan::Operand{DNNL_ARG_DIFF_DST, y, y},
        OnednnPlan::Operand{DNNL_ARG_DIFF_WEIGHTS, filter(d, DType::f32), desc.diff_weights_desc()});
  });
}

std::unique_ptr<Plan> onednn_plan(const GemmDesc& d, const Policy&) {
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
  try {
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc desc(cpu(), a, b, out, attr);
#else
    const dnnl::matmul::primitive_desc desc(dnnl::matmul::desc(a, b, out), attr, cpu());
#endif
    refuse_reference(desc.impl_info_str(), "GEMM " + d.text());
    return std::make_unique<OnednnPlan>(dnnl::matmul(desc), desc.impl_info_str(), desc.scratchpad_desc(),
                                        OnednnPlan::Operand{DNNL_ARG_SRC, a, a},
                                        OnednnPlan::Operand{DNNL_ARG_WEIGHTS, b, b},
                                        OnednnPlan::Operand{DNNL_ARG_DST, out, out});
  } catch (const dnnl::error& e) {
    throw Error(Exit::device, std::string("oneDNN: ") + e.what(), "GEMM " + d.text());
  }
}

}  // namespace rc
