#include "model/ops/cast.h"

#include "kernels/elementwise.h"

namespace rc {
namespace {

template <class From, class To>
class CastOp : public Op {
 public:
  const char* name() const override { return "cast"; }
  bool recomputed() const override { return true; }  // what is cast is there anyway: most are filters
  void run(Device& device, const Arguments& a) const override {
    launch(device.where(), Cast<From, To>{a.in[0].as<From>(), a.out[0].as<To>(), a.out[0].shape.numel()});
  }
  std::vector<Value> gradient(Graph&, const Node&, std::span<const Value> out) const override {
    return {out[0]};
  }
};

}  // namespace

Value cast(Value x, DType to) {
  const DType from = x.desc().dtype;
  if (from == to) return x;
  std::shared_ptr<const Op> op;
  if (from == DType::f32 && to == DType::bf16) op = std::make_shared<CastOp<float, Bf16>>();
  if (from == DType::bf16 && to == DType::f32) op = std::make_shared<CastOp<Bf16, float>>();
  check(op != nullptr, "cast is between f32 and bf16");
  return x.graph->add(std::move(op), {x}, TensorDesc{to, x.shape(), x.desc().block});
}

}  // namespace rc
