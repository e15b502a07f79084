#include "model/ops/cross_entropy.h"

#include "kernels/cross_entropy.h"
#include "kernels/scalars.h"

namespace rc {
namespace {

// Inputs: probabilities, label, scalars. Output: dlogits.
class CrossEntropyGradientOp : public Op {
 public:
  const char* name() const override { return "cross_entropy.grad"; }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    launch(device.where(),
           CrossEntropyBackward{a.in[0].as<float>(), a.in[1].as<int32_t>(),
                                a.in[2].as<float>() + kCrossEntropyWeight, a.out[0].as<float>(), s[0], s[1]});
  }
};

// Inputs: logits, label, scalars. Outputs: mean loss, probabilities, loss of each row.
class CrossEntropyOp : public Op {
 public:
  const char* name() const override { return "cross_entropy"; }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    float* rows = a.out[2].as<float>();
    launch(device.where(),
           CrossEntropy{a.in[0].as<float>(), a.in[1].as<int32_t>(), rows, a.out[1].as<float>(), s[0], s[1]});
    launch(device.where(), Mean{rows, a.out[0].as<float>(), s[0]});
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    return {graph.add(std::make_shared<CrossEntropyGradientOp>(), {node.out[1], node.in[1], node.in[2]},
                      node.in[0].desc()),
            {},
            {}};
  }
};

}  // namespace

CrossEntropyValues cross_entropy(Value logits, Value label, Value scalars) {
  const Shape rows = {logits.shape()[0]};
  const auto out = logits.graph->add(std::make_shared<CrossEntropyOp>(), {logits, label, scalars},
                                     {{DType::f32, {1}}, logits.desc(), {DType::f32, rows}});
  return {out[0], out[1]};
}

}  // namespace rc
