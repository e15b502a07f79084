#include "model/ops/squeeze_excite.h"

#include "kernels/squeeze_excite.h"
#include "model/ops/bias.h"
#include "model/ops/matmul.h"
#include "model/ops/pooling.h"

namespace rc {
namespace {

// Inputs: x, gate. Output: y.
class ScaleOp : public Op {
 public:
  explicit ScaleOp(const Channels& shape) : shape_(shape) {}
  const char* name() const override { return "squeeze_excite"; }
  int overwrites(int) const override { return 0; }
  Cost cost(const Node& node) const override { return {double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    launch(device.where(), ScaleChannels<T>{a.in[0].as<T>(), a.in[1].as<float>(), a.out[0].as<T>(), shape_});
  }
  Channels shape_;
};

}  // namespace

Value excitation(Value means, const SqueezeExciteVariables& v) {
  const Value reduced =
      add_bias(matmul(means, v.reduce_weight, false, true), v.reduce_bias, Activation::silu);
  return add_bias(matmul(reduced, v.expand_weight, false, true), v.expand_bias, Activation::sigmoid);
}

Value squeeze_excite(Value x, const SqueezeExciteVariables& v) {
  const Shape& s = x.shape();
  check(!x.graph->training() && s.rank() == 4, "squeeze and excitation takes [N, H, W, C], in inference",
        s.text());
  const Channels shape = {s[0], s[1] * s[2], s[3], x.desc().channel_block()};
  return x.graph->add(std::make_shared<ScaleOp>(shape), {x, excitation(global_average_pool(x), v)}, x.desc());
}

}  // namespace rc
