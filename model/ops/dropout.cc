#include "model/ops/dropout.h"

#include "kernels/dropout.h"

namespace rc {
namespace {

// Inputs: step, and x where there is one. Output: x or ones, dropped. Its own gradient: the draws are made
// again.
class DropoutOp : public Op {
 public:
  DropoutOp(float rate, uint64_t seed) : rate_(rate), seed_(seed) {}
  const char* name() const override { return "dropout"; }
  int overwrites(int) const override { return 1; }
  void run(Device& device, const Arguments& a) const override {
    const float* x = a.in[1].data ? a.in[1].as<float>() : nullptr;
    launch(device.where(), Dropout{x, reinterpret_cast<const uint32_t*>(a.in[0].as<int32_t>()),
                                   a.out[0].as<float>(), a.out[0].shape.numel(), rate_, seed_});
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    return {{}, graph.add(std::make_shared<DropoutOp>(*this), {node.in[0], out[0]}, out[0].desc())};
  }

 private:
  float rate_;
  uint64_t seed_;
};

Value dropped(Value step, Value x, const TensorDesc& desc, float rate, uint64_t seed) {
  check(step && step.desc() == TensorDesc{DType::i32, {1}}, "what is dropped at random depends on the step");
  check(rate >= 0 && rate < 1, "a share below 1 is dropped", std::to_string(rate));
  return step.graph->add(std::make_shared<DropoutOp>(rate, seed), {step, x}, desc);
}

}  // namespace

Value dropout(Value x, Value step, float rate, uint64_t seed) {
  check(x.desc().dtype == DType::f32, "dropout takes fp32", x.shape().text());
  return dropped(step, x, x.desc(), rate, seed);
}

Value branch_scale(Value step, int64_t images, float rate, uint64_t seed) {
  return dropped(step, {}, {DType::f32, {images}}, rate, seed);
}

}  // namespace rc
