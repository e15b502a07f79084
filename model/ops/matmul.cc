#include "model/ops/matmul.h"

namespace rc {
namespace {

class MatmulOp : public Op {
 public:
  MatmulOp(Graph& graph, const GemmDesc& desc)
      : desc_(desc), plan_(graph.device().plan(desc, graph.policy())) {}

  const char* name() const override { return "matmul"; }
  std::string detail() const override { return plan_->engine(); }
  size_t workspace() const override { return plan_->workspace(); }
  Cost cost(const Node& node) const override { return {desc_.flops(), Op::cost(node).bytes, desc_.dtype}; }
  void run(Device&, const Arguments& a) const override {
    plan_->run(a.in[0].data, a.in[1].data, a.out[0].data, a.workspace);
  }

  // C = A B:   dA = dC B^T, dB = A^T dC.   C = A B^T: dA = dC B, dB = dC^T A.   C = A^T B: dA = B dC^T, dB =
  // A dC.
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value a = node.in[0], b = node.in[1], dc = out[0];
    const bool ta = desc_.transpose_a, tb = desc_.transpose_b;
    Value da, db;
    if (graph.needs_gradient(a))
      da = ta ? matmul(graph.saved(b), dc, false, true) : matmul(dc, graph.saved(b), false, !tb);
    if (graph.needs_gradient(b)) {
      if (ta)
        db = matmul(graph.saved(a), dc);
      else
        db = tb ? matmul(dc, graph.saved(a), true) : matmul(graph.saved(a), dc, true);
    }
    return {da, db};
  }

 private:
  GemmDesc desc_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace

Value matmul(Value a, Value b, bool transpose_a, bool transpose_b) {
  const Shape &as = a.shape(), &bs = b.shape();
  check(as.rank() == 2 && bs.rank() == 2 && !(transpose_a && transpose_b),
        "matmul takes two matrices, at most one transposed");
  GemmDesc d{.dtype = DType::f32,
             .m = as[transpose_a ? 1 : 0],
             .n = bs[transpose_b ? 0 : 1],
             .k = as[transpose_a ? 0 : 1]};
  d.transpose_a = transpose_a, d.transpose_b = transpose_b;
  check(bs[transpose_b ? 1 : 0] == d.k, "matmul: inner dimensions differ", as.text() + " and " + bs.text());
  return a.graph->add(std::make_shared<MatmulOp>(*a.graph, d), {a, b}, {DType::f32, {d.m, d.n}});
}

}  // namespace rc
