#include "model/ops/conv2d.h"

#include "model/ops/cast.h"

namespace rc {
namespace {

class ConvOp : public Op {
 public:
  ConvOp(Graph& graph, const ConvDesc& desc, Direction direction, bool recomputed = false)
      : desc_(desc),
        direction_(direction),
        recomputed_(recomputed),
        plan_(graph.device().plan(desc, direction, graph.policy())) {}

  const char* name() const override {
    return direction_ == Direction::forward         ? "conv2d"
           : direction_ == Direction::data_gradient ? "conv2d.data_grad"
                                                    : "conv2d.weight_grad";
  }
  Attributes attributes() const override {
    return {{"stride", desc_.stride}, {"pad", desc_.pad}, {"groups", desc_.groups}};
  }
  std::string detail() const override { return plan_->engine(); }
  size_t workspace() const override { return plan_->workspace(); }
  bool recomputed() const override { return recomputed_; }
  Cost cost(const Node& node) const override {
    return {desc_.flops(), Op::cost(node).bytes,
            plan_->tensor_cores() ? std::optional(desc_.dtype) : std::nullopt};
  }
  Chunks chunks() const { return plan_->chunks(); }  // whose moments may be a second output
  void run(Device&, const Arguments& a) const override {
    if (a.out.size() > 1)
      plan_->run_with_moments(a.in[0].data, a.in[1].data, a.out[0].data, a.out[1].as<float>(), a.workspace);
    else
      plan_->run(a.in[0].data, a.in[1].data, a.out[0].data, a.workspace);
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value x = node.in[0], w = node.in[1], dy = out[0];
    Value dx, dw;
    if (graph.needs_gradient(w)) {
      auto op = std::make_shared<ConvOp>(graph, desc_, Direction::weight_gradient);
      const DType written = op->plan_->narrow_gradient() ? desc_.dtype : DType::f32;
      dw = cast(graph.add(std::move(op), {graph.saved(x), dy}, TensorDesc{written, w.shape()}), DType::f32);
    }
    if (graph.needs_gradient(x)) {
      const Value filter = graph.saved(w);
      dx =
          graph.add(std::make_shared<ConvOp>(graph, desc_, Direction::data_gradient), {dy, filter}, x.desc());
    }
    return {dx, dw};
  }

 private:
  ConvDesc desc_;
  Direction direction_;
  bool recomputed_;
  std::unique_ptr<Plan> plan_;
};

std::shared_ptr<ConvOp> forward_op(Value x, Value w, int64_t stride, int64_t pad, bool recomputed) {
  // The first convolution makes the largest activation of all out of the images: 2 % of a step's work brings
  // it back, a fifth of the memory is saved.
  const bool of_images = !x.graph->needs_gradient(x);
  return std::make_shared<ConvOp>(*x.graph, describe_conv(x, w, stride, pad), Direction::forward,
                                  of_images || recomputed);
}

}  // namespace

ConvDesc describe_conv(Value x, Value w, int64_t stride, int64_t pad) {
  const Shape &xs = x.shape(), &ws = w.shape();
  check(xs.rank() == 4 && ws.rank() == 4 && xs[3] == ws[3], "conv2d takes x[N,H,W,C] and w[K,R,S,C]",
        xs.text() + " * " + ws.text());
  const DType dtype = x.desc().dtype;
  ConvDesc d{
      .dtype = dtype, .n = xs[0], .h = xs[1], .w = xs[2], .c = xs[3], .k = ws[0], .r = ws[1], .s = ws[2]};
  d.stride = stride, d.pad = pad;
  d.in_block = x.desc().channel_block();
  const int64_t block = x.graph->device().activation_block(dtype, d.k);
  d.out_block = block == 0 ? d.k : block;
  check(d.p() > 0 && d.q() > 0, "the image is smaller than the filter", d.text());
  return d;
}

TensorDesc output_of(const Device& device, const ConvDesc& d) {
  return {d.dtype, {d.n, d.p(), d.q(), d.k}, device.activation_block(d.dtype, d.k)};
}

Value conv2d(Value x, Value w, int64_t stride, int64_t pad, bool recomputed) {
  return x.graph->add(forward_op(x, w, stride, pad, recomputed), {x, w},
                      output_of(x.graph->device(), describe_conv(x, w, stride, pad)));
}

WithMoments conv_with_moments(Value x, Value w, int64_t stride, int64_t pad, bool recomputed) {
  const auto op = forward_op(x, w, stride, pad, recomputed);
  std::vector<TensorDesc> outs = {output_of(x.graph->device(), describe_conv(x, w, stride, pad))};
  const Chunks chunks = op->chunks();
  if (chunks.count() > 0) outs.push_back({DType::f32, {2, chunks.count(), w.shape()[0]}});
  const std::vector<Value> out = x.graph->add(op, {x, w}, outs);
  return {out[0], out.size() > 1 ? ChunkMoments{out[1], chunks} : ChunkMoments{}};
}

}  // namespace rc
