#include "model/ops/squeeze_excite.h"

#include "kernels/squeeze_excite.h"
#include "model/ops/bias.h"
#include "model/ops/matmul.h"
#include "model/ops/pooling.h"

namespace rc {
namespace {

Channels channels_of(Value x) {
  const Shape& s = x.shape();
  return {s[0], s[1] * s[2], s[3], x.desc().channel_block()};
}

// Inputs: x, dy. Output: dgate.
class GateGradientOp : public Op {
 public:
  explicit GateGradientOp(const Channels& shape) : shape_(shape) {}
  const char* name() const override { return "squeeze_excite.gate_grad"; }
  Cost cost(const Node& node) const override { return {2 * double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    launch(device.where(), GateGradient<T>{a.in[0].as<T>(), a.in[1].as<T>(), a.out[0].as<float>(), shape_});
  }
  Channels shape_;
};

// Inputs: dy, gate, dmean. Output: dx.
class ScaleGradientOp : public Op {
 public:
  explicit ScaleGradientOp(const Channels& shape) : shape_(shape) {}
  const char* name() const override { return "squeeze_excite.grad"; }
  int overwrites(int) const override { return 0; }
  Cost cost(const Node& node) const override { return {2 * double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    launch(device.where(), ScaleChannelsBackward<T>{a.in[0].as<T>(), a.in[1].as<float>(), a.in[2].as<float>(),
                                                    a.out[0].as<T>(), shape_});
  }
  Channels shape_;
};

// Inputs: x, gate, and the four parameters that the gate was computed with, which take their gradients here.
// Output: y.
class ScaleOp : public Op {
 public:
  explicit ScaleOp(const Channels& shape) : shape_(shape) {}
  const char* name() const override { return "squeeze_excite"; }
  int overwrites(int) const override { return 0; }
  bool recomputed() const override { return true; }  // one pass over x, which is computed again as well
  Cost cost(const Node& node) const override {
    const double size = double(node.in[0].desc().bytes() + node.out[0].desc().bytes());
    return {double(shape_.size()), size + double(node.in[1].desc().bytes())};
  }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

  // x gets its gradient by two ways, through the product and through the mean. The second one's is added
  // while the first one's is written: so this op goes back through the gate itself, and to the graph the gate
  // leads nowhere.
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value x = node.in[0], dy = out[0], again = graph.saved(x), gate = graph.saved(node.in[1]);
    std::vector<Value> gradients(node.in.size());
    Value back = graph.add(std::make_shared<GateGradientOp>(shape_), {again, dy}, node.in[1].desc());
    Value at = node.in[1];
    for (size_t parameter = node.in.size(); parameter-- > 2;) {
      const Node layer = graph.nodes()[size_t(graph.values()[size_t(at.id)].producer)];  // a copy: they move
      const std::vector<Value> found = layer.op->gradient(graph, layer, std::array{back});
      back = found[0], gradients[parameter] = found[1], at = layer.in[0];
    }
    gradients[0] = graph.add(std::make_shared<ScaleGradientOp>(shape_), {dy, gate, back}, x.desc());
    return gradients;
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    launch(device.where(), ScaleChannels<T>{a.in[0].as<T>(), a.in[1].as<float>(), a.out[0].as<T>(), shape_});
  }
  Channels shape_;
};

}  // namespace

Value squeeze_excite(Value x, const SqueezeExciteVariables& v) {
  check(x.shape().rank() == 4, "squeeze and excitation takes [N, H, W, C]", x.shape().text());
  const Value reduced =
      add_bias(matmul(global_average_pool(x), v.reduce_weight, false, true), v.reduce_bias, Activation::silu);
  const Value gate =
      add_bias(matmul(reduced, v.expand_weight, false, true), v.expand_bias, Activation::sigmoid);
  return x.graph->add(std::make_shared<ScaleOp>(channels_of(x)),
                      {x, gate, v.reduce_weight, v.reduce_bias, v.expand_weight, v.expand_bias}, x.desc());
}

}  // namespace rc
