#include "model/ops/bias.h"

#include "kernels/elementwise.h"
#include "kernels/pooling.h"
#include "kernels/rows.h"

namespace rc {
namespace {

// The sum over rows. Input: dy [N, D]. Output: [D].
class ColumnSumOp : public Op {
 public:
  const char* name() const override { return "bias.grad"; }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    launch(device.where(),
           SumPixels<float>{a.in[0].as<float>(), a.out[0].as<float>(), {1, s[0], s[1], s[1]}, 1});
  }
};

// Inputs: y, dy. Output: dy where y > 0, else 0.
class ReluGradientOp : public Op {
 public:
  const char* name() const override { return "relu.grad"; }
  int overwrites(int) const override { return 1; }
  void run(Device& device, const Arguments& a) const override {
    launch(device.where(), ReluBackward<float>{a.in[0].as<float>(), a.in[1].as<float>(), a.out[0].as<float>(),
                                               a.out[0].shape.numel()});
  }
};

// Inputs: x, bias. Output: y.
class AddBiasOp : public Op {
 public:
  explicit AddBiasOp(bool relu) : relu_(relu) {}
  const char* name() const override { return relu_ ? "bias_relu" : "bias"; }
  int overwrites(int) const override { return 0; }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    launch(device.where(), AddBias<float>{a.in[0].as<float>(), a.in[1].as<float>(), a.out[0].as<float>(),
                                          s[0], s[1], relu_ ? Activation::relu : Activation::none});
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value dy =
        relu_ ? graph.add(std::make_shared<ReluGradientOp>(), {node.out[0], out[0]}, out[0].desc()) : out[0];
    return {dy, graph.add(std::make_shared<ColumnSumOp>(), {dy}, node.in[1].desc())};
  }

 private:
  bool relu_;
};

}  // namespace

Value add_bias(Value x, Value bias, bool relu) {
  check(x.shape().rank() == 2 && bias.shape() == Shape{x.shape()[1]}, "a bias has one number a column",
        x.shape().text());
  return x.graph->add(std::make_shared<AddBiasOp>(relu), {x, bias}, x.desc());
}

}  // namespace rc
