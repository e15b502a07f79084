#include "model/ops/cast.h"

#include "kernels/elementwise.h"

namespace rc {
namespace {

class CastOp : public Op {
 public:
  const char* name() const override { return "cast"; }
  void run(Device& device, const Arguments& a) const override {
    launch(device.where(),
           Cast<float, Bf16>{a.in[0].as<float>(), a.out[0].as<Bf16>(), a.out[0].shape.numel()});
  }
  std::vector<Value> gradient(Graph&, const Node&, std::span<const Value> out) const override {
    return {out[0]};
  }
};

}  // namespace

Value cast(Value x, DType to) {
  if (x.desc().dtype == to) return x;
  check(x.desc().dtype == DType::f32 && to == DType::bf16, "cast makes bf16 of f32");
  return x.graph->add(std::make_shared<CastOp>(), {x}, TensorDesc{to, x.shape(), x.desc().block});
}

}  // namespace rc
