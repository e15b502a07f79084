#include "model/ops/single_centre.h"

#include <cmath>

#include "kernels/scalars.h"

namespace rc {
namespace {

// Inputs: f, label, centre, distance, results, scalars. Outputs: df, dcentre.
class SingleCentreGradientOp : public Op {
 public:
  const char* name() const override { return "single_centre.grad"; }
  Cost cost(const Node& node) const override {
    return {3.0 * double(node.in[0].shape().numel()), Op::cost(node).bytes};
  }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    launch(device.where(), SingleCentreBackward{a.in[0].as<float>(), a.in[2].as<float>(), a.in[3].as<float>(),
                                                a.in[1].as<int32_t>(), a.in[4].as<float>(),
                                                a.in[5].as<float>() + kObjectiveWeight, a.out[0].as<float>(),
                                                a.out[1].as<float>(), s[0], s[1]});
  }
};

// Inputs: f, label, centre, scalars. Outputs: results, distance.
class SingleCentreOp : public Op {
 public:
  explicit SingleCentreOp(float margin) : margin_(margin) {}
  const char* name() const override { return "single_centre"; }
  Cost cost(const Node& node) const override {
    return {3.0 * double(node.in[0].shape().numel()), Op::cost(node).bytes};
  }
  void run(Device& device, const Arguments& a) const override {
    const Shape& s = a.in[0].shape;
    float* distance = a.out[1].as<float>();
    launch(device.where(), CentreDistance{a.in[0].as<float>(), a.in[2].as<float>(), distance, s[0], s[1]});
    launch(device.where(),
           SingleCentreSummary{distance, a.in[1].as<int32_t>(), a.out[0].as<float>(), s[0], margin_});
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    const Value f = node.in[0], centre = node.in[2];
    const auto g =
        graph.add(std::make_shared<SingleCentreGradientOp>(),
                  {f, node.in[1], centre, node.out[1], node.out[0], node.in[3]}, {f.desc(), centre.desc()});
    return {g[0], {}, g[1], {}};
  }

 private:
  float margin_;  // m sqrt(D)
};

}  // namespace

Value single_centre_loss(Value f, Value label, Value centre, Value scalars, float m) {
  const Shape& s = f.shape();
  check(f.desc().dtype == DType::f32, "the single-centre loss takes fp32 features");
  check(centre.shape() == Shape({1, s[1]}), "the centre is as wide as the features");
  return f.graph->add(std::make_shared<SingleCentreOp>(m * std::sqrt(float(s[1]))),
                      {f, label, centre, scalars},
                      {{DType::f32, {kSingleCentreResults}}, {DType::f32, {s[0]}}})[0];
}

}  // namespace rc
