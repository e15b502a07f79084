#include <cstring>
#include <unordered_map>

#include "engine/host/onednn.h"
#include "engine/host/onednn_passage.h"

namespace rc {
namespace {

using namespace onednn;
using dnnl::memory;

// From KRSC to the primitive's own order.
class FilterPacking {
 public:
  FilterPacking(const memory::desc& ours, const memory::desc& theirs)
      : from_(ours, cpu(), nullptr), to_(theirs, cpu(), nullptr) {
    const dnnl::reorder::primitive_desc desc(from_, to_);
    refuse_reference(desc.impl_info_str(), "reorder");
    reorder_ = dnnl::reorder(desc);
  }
  void run(const void* w, void* packed) {
    from_.set_data_handle(const_cast<void*>(w)), to_.set_data_handle(packed);
    reorder_.execute(queue(), from_, to_);
    queue().wait();
  }

 private:
  memory from_, to_;
  dnnl::reorder reorder_;
};

class OnednnFused : public FusedConvolution {
 public:
  OnednnFused(const ConvDesc& d, const dnnl::convolution_forward::primitive_desc& desc)
      : primitive_(desc),
        implementation_(desc.impl_info_str()),
        packing_(filter_of(d, d.dtype), desc.weights_desc()),
        x_(input_of(d), Passage::Way::in, rounded(desc.scratchpad_desc().get_size())),
        y_(output_of(d), Passage::Way::both, rounded(desc.scratchpad_desc().get_size()) + x_.bytes()),
        w_(desc.weights_desc(), cpu(), nullptr),
        bias_(desc.bias_desc(), cpu(), nullptr),
        scratchpad_(desc.scratchpad_desc(), cpu(), nullptr),
        arguments_{{DNNL_ARG_SRC, x_.theirs()},
                   {DNNL_ARG_WEIGHTS, w_},
                   {DNNL_ARG_BIAS, bias_},
                   {DNNL_ARG_DST, y_.theirs()},
                   {DNNL_ARG_SCRATCHPAD, scratchpad_}} {}

  std::string engine() const override { return implementation_; }
  size_t workspace() const override {
    return rounded(scratchpad_.get_desc().get_size()) + x_.bytes() + y_.bytes();
  }
  size_t packed_bytes() const override { return w_.get_desc().get_size(); }
  void pack(const void* w, void* packed, void*) override { packing_.run(w, packed); }

  void run(const void* x, const void* packed, const float* bias, const void* residual, void* y,
           void* workspace) override {
    x_.enter(x, workspace);
    if (residual && residual != y && y_.bytes() == 0) {  // the sum is over what lies where y will
      std::memcpy(y, residual, y_.theirs().get_desc().get_size());
      residual = y;
    }
    residual ? y_.enter(residual, workspace) : y_.place(y, workspace);
    w_.set_data_handle(const_cast<void*>(packed));
    bias_.set_data_handle(const_cast<float*>(bias));
    scratchpad_.set_data_handle(workspace);
    primitive_.execute(queue(), arguments_);
    y_.leave(y);
    queue().wait();
  }

 private:
  dnnl::convolution_forward primitive_;
  std::string implementation_;
  FilterPacking packing_;
  Passage x_, y_;
  memory w_, bias_, scratchpad_;
  std::unordered_map<int, memory> arguments_;  // handles of the same memories
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
  return checked(d, Direction::forward, policy, [&]() -> std::unique_ptr<FusedConvolution> {
    return std::make_unique<OnednnFused>(
        d, describe<dnnl::convolution_forward>(attributes_of(e), dnnl::prop_kind::forward_inference,
                                               dnnl::algorithm::convolution_direct, input_of(d).theirs,
                                               any_filter_of(d, d.dtype), bias, output_of(d).theirs, strides,
                                               dilates, pads, pads));
  });
}

}  // namespace rc
