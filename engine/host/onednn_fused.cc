#include <cstring>
#include <optional>
#include <unordered_map>

#include "engine/host/onednn.h"
#include "engine/host/onednn_parts.h"

namespace rc {
namespace {

using namespace onednn;
using dnnl::memory;

// From KRSC to the primitive's own order. Winograd's transformed filter is made from KCRS alone, so by two
// steps.
class FilterPacking {
 public:
  FilterPacking(const ConvDesc& d, const memory::desc& theirs) {
    const memory::desc ours = filter_of(d, d.dtype);
    try {
      add(ours, theirs);
    } catch (const dnnl::error&) {
      const memory::desc planes(ours.dims(), ours.data_type(), memory::format_tag::oihw);
      between_ = planes.get_size();
      add(ours, planes);
      add(planes, theirs);
    }
  }
  size_t workspace() const { return rounded(between_); }

  void run(const void* w, void* packed, void* workspace) {
    void* from = const_cast<void*>(w);
    for (size_t i = 0; i < steps_.size(); ++i) {
      void* to = i + 1 == steps_.size() ? packed : workspace;
      steps_[i].from.set_data_handle(from), steps_[i].to.set_data_handle(to);
      steps_[i].reorder.execute(queue(), steps_[i].from, steps_[i].to);
      from = to;
    }
    queue().wait();
  }

 private:
  struct Step {
    memory from, to;
    dnnl::reorder reorder;
  };

  void add(const memory::desc& from, const memory::desc& to) {
    const memory a(from, cpu(), nullptr), b(to, cpu(), nullptr);
    const dnnl::reorder::primitive_desc desc(a, b);
    refuse_reference(desc.impl_info_str(), "reorder of a filter");
    steps_.push_back({a, b, dnnl::reorder(desc)});
  }

  std::vector<Step> steps_;
  size_t between_ = 0;
};

class OnednnFused : public FusedConvolution {
 public:
  OnednnFused(const ConvDesc& d, const dnnl::convolution_forward::primitive_desc& desc)
      : primitive_(desc),
        implementation_(desc.impl_info_str()),
        packing_(d, desc.weights_desc()),
        workspace_(std::max(rounded(desc.scratchpad_desc().get_size()), packing_.workspace())),
        packed_bytes_(desc.weights_desc().get_size()),
        y_bytes_(desc.dst_desc().get_size()) {
    const auto argument = [&](int name, const memory::desc& of) {
      return &(arguments_[name] = memory(of, cpu(), nullptr));
    };
    x_ = argument(DNNL_ARG_SRC, desc.src_desc());
    w_ = argument(DNNL_ARG_WEIGHTS, desc.weights_desc());
    bias_ = argument(DNNL_ARG_BIAS, desc.bias_desc());
    y_ = argument(DNNL_ARG_DST, desc.dst_desc());
    scratchpad_ = argument(DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc());
  }

  std::string engine() const override { return implementation_; }
  size_t workspace() const override { return workspace_; }
  size_t packed_bytes() const override { return packed_bytes_; }
  void pack(const void* w, void* packed, void* workspace) override { packing_.run(w, packed, workspace); }

  void run(const void* x, const void* packed, const float* bias, const void* residual, void* y,
           void* workspace) override {
    if (residual != nullptr && residual != y) std::memcpy(y, residual, y_bytes_);
    x_->set_data_handle(const_cast<void*>(x));
    w_->set_data_handle(const_cast<void*>(packed));
    bias_->set_data_handle(const_cast<float*>(bias));
    y_->set_data_handle(y);
    scratchpad_->set_data_handle(workspace);
    primitive_.execute(queue(), arguments_);
    queue().wait();
  }

 private:
  dnnl::convolution_forward primitive_;
  std::string implementation_;
  FilterPacking packing_;
  size_t workspace_, packed_bytes_, y_bytes_;
  std::unordered_map<int, memory> arguments_;  // the pointers below stay: nothing is added later
  memory *x_, *w_, *bias_, *y_, *scratchpad_;
};

dnnl::primitive_attr attributes_of(const Epilogue& e) {
  using dnnl::algorithm;
  dnnl::post_ops ops;
  if (e.residual) ops.append_sum(1.0f);
  switch (e.activation) {
    case Activation::none:
      break;
    case Activation::relu:
      ops.append_eltwise(1.0f, algorithm::eltwise_relu, 0, 0);
      break;
    case Activation::silu:
      ops.append_eltwise(1.0f, algorithm::eltwise_swish, 1, 0);
      break;
    case Activation::sigmoid:
      ops.append_eltwise(1.0f, algorithm::eltwise_logistic, 0, 0);
      break;
  }
  dnnl::primitive_attr attr = attributes();
  attr.set_post_ops(ops);
  return attr;
}

}  // namespace

std::unique_ptr<FusedConvolution> onednn_fused(const ConvDesc& d, const Epilogue& e, const Policy& policy) {
  const memory::desc bias({d.k}, memory::data_type::f32, memory::format_tag::x);
  const memory::dims strides = {d.stride, d.stride}, dilates = {0, 0}, pads = {d.pad, d.pad};
  using Method = dnnl::algorithm;
  return first_that_fits(
      d, Direction::forward, policy, [&](Method method) -> std::unique_ptr<FusedConvolution> {
        return std::make_unique<OnednnFused>(
            d, describe<dnnl::convolution_forward>(attributes_of(e), dnnl::prop_kind::forward_inference,
                                                   method, input_of(d), any_filter_of(d, d.dtype), bias,
                                                   output_of(d), strides, dilates, pads, pads));
      });
}

}  // namespace rc
