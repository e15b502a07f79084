#include "model/ops/folded_conv.h"

#include "kernels/fold.h"
#include "model/ops/conv2d.h"
#include "model/ops/depthwise.h"

namespace rc {
namespace {

// Inputs: w, and the norm's weight, bias, running_mean, running_var. Outputs: the filter and the bias that do
// the work of both.
class FoldOp : public Op {
 public:
  explicit FoldOp(float eps) : eps_(eps) {}
  const char* name() const override { return "conv2d.fold"; }
  Attributes attributes() const override { return {{"eps", eps_}}; }
  void run(Device& device, const Arguments& a) const override {
    a.out[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    const int64_t filters = a.in[0].shape[0];
    launch(device.where(), FoldNorm<T>{a.in[0].as<float>(), a.in[1].as<float>(), a.in[2].as<float>(),
                                       a.in[3].as<float>(), a.in[4].as<float>(), a.out[0].as<T>(),
                                       a.out[1].as<float>(), filters, a.in[0].shape.numel() / filters, eps_});
  }

  float eps_;
};

// Input: the filter. Output: the same in the order that the primitive reads.
class PackOp : public Op {
 public:
  explicit PackOp(std::shared_ptr<FusedConvolution> conv) : conv_(std::move(conv)) {}
  const char* name() const override { return "conv2d.pack"; }
  size_t workspace() const override { return conv_->workspace(); }
  void run(Device&, const Arguments& a) const override {
    conv_->pack(a.in[0].data, a.out[0].data, a.workspace);
  }

 private:
  std::shared_ptr<FusedConvolution> conv_;
};

// Inputs: x, the packed filter, bias, residual (or empty). Output: y.
class FusedConvOp : public Op {
 public:
  FusedConvOp(const ConvDesc& desc, Activation activation, std::shared_ptr<FusedConvolution> conv)
      : desc_(desc), activation_(activation), conv_(std::move(conv)) {}
  const char* name() const override { return "conv2d.fused"; }
  Attributes attributes() const override {
    return {{"stride", desc_.stride}, {"pad", desc_.pad}, {"activation", int(activation_)}};
  }
  std::string detail() const override { return conv_->engine(); }
  size_t workspace() const override { return conv_->workspace(); }
  Cost cost(const Node& node) const override { return {desc_.flops(), Op::cost(node).bytes, desc_.dtype}; }
  int overwrites(int) const override { return 3; }
  void run(Device&, const Arguments& a) const override {
    conv_->run(a.in[0].data, a.in[1].data, a.in[2].as<float>(), a.in[3].data, a.out[0].data, a.workspace);
  }

 private:
  ConvDesc desc_;
  Activation activation_;
  std::shared_ptr<FusedConvolution> conv_;
};

// Filter, of the given type, and bias.
std::vector<Value> fold(Value w, const BatchNormVariables& v, float eps, DType dtype) {
  return w.graph->add(std::make_shared<FoldOp>(eps), {w, v.weight, v.bias, v.running_mean, v.running_var},
                      {{dtype, w.shape()}, {DType::f32, {w.shape()[0]}}});
}

}  // namespace

Value folded_conv(Value x, Value w, const BatchNormVariables& v, int64_t stride, int64_t pad,
                  Activation activation, Value residual, float eps) {
  Graph& graph = *x.graph;
  const ConvDesc desc = describe_conv(x, w, stride, pad);
  const TensorDesc out = output_of(graph.device(), desc);
  check(!residual || residual.desc() == out, "a residual has the shape and storage of what it is added to");
  const std::shared_ptr<FusedConvolution> conv =
      graph.device().fuse(desc, {.residual = bool(residual), .activation = activation}, graph.policy());
  if (!conv) return {};
  const std::vector<Value> folded = fold(w, v, eps, x.desc().dtype);
  const Value packed = graph.add(std::make_shared<PackOp>(conv), {folded[0]},
                                 TensorDesc{DType::u8, {int64_t(conv->packed_bytes())}});
  return graph.add(std::make_shared<FusedConvOp>(desc, activation, conv), {x, packed, folded[1], residual},
                   out);
}

Value folded_depthwise(Value x, Value w, const BatchNormVariables& v, int64_t stride, int64_t pad,
                       Activation activation, float eps) {
  const std::vector<Value> folded = fold(w, v, eps, DType::f32);
  return depthwise_conv2d(x, folded[0], folded[1], activation, stride, pad);
}

}  // namespace rc
