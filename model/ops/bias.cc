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

// Inputs: x, bias, dy. Output: dy times the derivative of SiLU or of the logistic function.
class ActivationGradientOp : public Op {
 public:
  explicit ActivationGradientOp(Activation activation) : activation_(activation) {}
  const char* name() const override { return activation_ == Activation::silu ? "silu.grad" : "sigmoid.grad"; }
  int overwrites(int) const override { return 2; }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    launch(device.where(), AddBiasBackward{a.in[0].as<float>(), a.in[2].as<float>(), a.in[1].as<float>(),
                                           a.out[0].as<float>(), s[0], s[1], activation_});
  }

 private:
  Activation activation_;
};

// Inputs: x, bias. Output: y.
class AddBiasOp : public Op {
 public:
  explicit AddBiasOp(Activation activation) : activation_(activation) {}
  const char* name() const override {
    switch (activation_) {
      case Activation::none:
        return "bias";
      case Activation::relu:
        return "bias_relu";
      case Activation::silu:
        return "bias_silu";
      case Activation::sigmoid:
        return "bias_sigmoid";
    }
    return "?";
  }
  Attributes attributes() const override { return {{"activation", int(activation_)}}; }
  int overwrites(int) const override { return 0; }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    launch(device.where(), AddBias<float>{a.in[0].as<float>(), a.in[1].as<float>(), a.out[0].as<float>(),
                                          s[0], s[1], activation_});
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    Value dy = out[0];
    if (activation_ == Activation::relu)
      dy = graph.add(std::make_shared<ReluGradientOp>(), {node.out[0], dy}, dy.desc());
    else if (activation_ != Activation::none) {
      const Value x = graph.saved(node.in[0]);
      dy = graph.add(std::make_shared<ActivationGradientOp>(activation_), {x, node.in[1], dy}, dy.desc());
    }
    return {dy, graph.add(std::make_shared<ColumnSumOp>(), {dy}, node.in[1].desc())};
  }

 private:
  Activation activation_;
};

}  // namespace

Value add_bias(Value x, Value bias, Activation activation) {
  check(x.shape().rank() == 2 && bias.shape() == Shape{x.shape()[1]}, "a bias has one number a column",
        x.shape().text());
  return x.graph->add(std::make_shared<AddBiasOp>(activation), {x, bias}, x.desc());
}

}  // namespace rc
