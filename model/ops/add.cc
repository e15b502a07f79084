#include "model/ops/add.h"

#include "kernels/elementwise.h"

namespace rc {
namespace {

class AddOp : public Op {
 public:
  const char* name() const override { return "add"; }
  void run(Device& device, const Arguments& a) const override {
    const int64_t n = a.out[0].shape.numel();
    if (a.out[0].dtype == DType::bf16)
      launch(device.where(), Add<Bf16>{a.in[0].as<Bf16>(), a.in[1].as<Bf16>(), a.out[0].as<Bf16>(), n});
    else
      launch(device.where(), Add<float>{a.in[0].as<float>(), a.in[1].as<float>(), a.out[0].as<float>(), n});
  }
  std::vector<Value> gradient(Graph&, const Node&, std::span<const Value> out) const override {
    return {out[0], out[0]};
  }
  int overwrites(int) const override { return 0; }
};

}  // namespace

Value add(Value a, Value b) {
  check(a.desc() == b.desc(), "add takes two tensors of one shape, type and storage",
        a.shape().text() + " + " + b.shape().text());
  return a.graph->add(std::make_shared<AddOp>(), {a, b}, a.desc());
}

}  // namespace rc
