#include "model/ops/matmul.h"

namespace rc {
namespace {

Value product(Value a, Value b, bool transpose_a, bool transpose_b, Shape out = {});

class MatmulOp : public Op {
 public:
  MatmulOp(Graph& graph, const GemmDesc& desc)
      : desc_(desc), plan_(graph.device().plan(desc, graph.policy())) {}

  const char* name() const override { return "matmul"; }
  Attributes attributes() const override {
    return {{"transpose_a", desc_.transpose_a}, {"transpose_b", desc_.transpose_b}};
  }
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
    if (graph.needs_gradient(a)) {
      const Value again = graph.saved(b);
      da = ta ? product(again, dc, false, true, a.shape()) : product(dc, again, false, !tb, a.shape());
    }
    if (graph.needs_gradient(b)) {
      const Value again = graph.saved(a);
      db = ta   ? product(again, dc, false, false, b.shape())
           : tb ? product(dc, again, true, false, b.shape())
                : product(again, dc, true, false, b.shape());
    }
    return {da, db};
  }

 private:
  GemmDesc desc_;
  std::unique_ptr<Plan> plan_;
};

bool is_matrix(const Shape& s) { return s.rank() == 2 || (s.rank() == 4 && s[1] == 1 && s[2] == 1); }

// out: the shape of the result, where it is a filter.
Value product(Value a, Value b, bool transpose_a, bool transpose_b, Shape out) {
  const Shape &as = a.shape(), &bs = b.shape();
  check(is_matrix(as) && is_matrix(bs) && !(transpose_a && transpose_b),
        "matmul takes two matrices, at most one transposed", as.text() + " and " + bs.text());
  GemmDesc d{.dtype = DType::f32,
             .m = transpose_a ? as.back() : as[0],
             .n = transpose_b ? bs[0] : bs.back(),
             .k = transpose_a ? as[0] : as.back()};
  d.transpose_a = transpose_a, d.transpose_b = transpose_b;
  check((transpose_b ? bs.back() : bs[0]) == d.k, "matmul: inner dimensions differ",
        as.text() + " and " + bs.text());
  return a.graph->add(std::make_shared<MatmulOp>(*a.graph, d), {a, b},
                      {DType::f32, out.rank() > 0 ? out : Shape{d.m, d.n}});
}

}  // namespace

Value matmul(Value a, Value b, bool transpose_a, bool transpose_b) {
  return product(a, b, transpose_a, transpose_b);
}

}  // namespace rc
