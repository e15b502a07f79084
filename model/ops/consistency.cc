#include "model/ops/consistency.h"

#include "kernels/scalars.h"

namespace rc {
namespace {

// Inputs: f, length, gap, scalars. Output: df.
class ConsistencyGradientOp : public Op {
 public:
  const char* name() const override { return "consistency.grad"; }
  Cost cost(const Node& node) const override {
    return {5.0 * double(node.in[0].shape().numel()), Op::cost(node).bytes};
  }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    launch(device.where(),
           ConsistencyBackward{a.in[0].as<float>(), a.in[1].as<float>(), a.in[2].as<float>(),
                               a.in[3].as<float>() + kObjectiveWeight, a.out[0].as<float>(), s[0] / 2, s[1]});
  }
};

// Inputs: f, scalars. Outputs: results, length, gap.
class ConsistencyOp : public Op {
 public:
  const char* name() const override { return "consistency"; }
  Cost cost(const Node& node) const override {
    return {4.0 * double(node.in[0].shape().numel()), Op::cost(node).bytes};
  }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    float* gap = a.out[2].as<float>();
    launch(device.where(), ViewGap{a.in[0].as<float>(), a.out[1].as<float>(), gap, s[0] / 2, s[1]});
    launch(device.where(), ConsistencySummary{gap, a.out[0].as<float>(), s[0] / 2});
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    return {graph.add(std::make_shared<ConsistencyGradientOp>(),
                      {node.in[0], node.out[1], node.out[2], node.in[1]}, node.in[0].desc()),
            {}};
  }
};

}  // namespace

Value consistency_loss(Value f, Value scalars) {
  const int64_t rows = f.shape()[0];
  check(f.desc().dtype == DType::f32, "the consistency loss takes fp32 features");
  check(rows > 0 && rows % 2 == 0, "the consistency loss takes two views");
  return f.graph->add(
      std::make_shared<ConsistencyOp>(), {f, scalars},
      {{DType::f32, {kConsistencyResults}}, {DType::f32, {rows}}, {DType::f32, {rows / 2}}})[0];
}

}  // namespace rc
