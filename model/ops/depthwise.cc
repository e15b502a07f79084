#include "model/ops/depthwise.h"

#include "kernels/depthwise_weight.h"

namespace rc {
namespace {

// Forward: inputs x, w, and mean, rstd, weight and bias of a norm that x passes; output y, and its bands'
// moments where they are wanted. Data gradient: dy, w, and x behind a ReLU; dx, or the gradient of what the
// norm makes of x. Weight gradient: x, dy, and the norm's four; dw.
class DepthwiseOp : public Op {
 public:
  DepthwiseOp(const Depthwise& conv, Direction direction, bool recomputed = false)
      : conv_(conv), direction_(direction), recomputed_(recomputed) {}

  const char* name() const override {
    return direction_ == Direction::forward         ? "depthwise"
           : direction_ == Direction::data_gradient ? "depthwise.data_grad"
                                                    : "depthwise.weight_grad";
  }
  Attributes attributes() const override {
    return {{"stride", conv_.stride}, {"pad", conv_.pad}, {"relu", conv_.relu}};
  }
  bool recomputed() const override { return recomputed_; }
  // The filter by taps, or the bands' sums.
  size_t workspace() const override { return size_t(copies() * conv_.filter_size()) * sizeof(float); }
  Cost cost(const Node& node) const override {
    const double moments = node.out.size() > 1 ? 4 * double(conv_.out().size()) : 0;
    const double norm = node.in.size() > 3 ? 4 * double(conv_.in().size()) : 0;
    return {conv_.flops() + moments + norm,
            Op::cost(node).bytes + 2 * double(workspace())};  // written and read
  }
  void run(Device& device, const Arguments& a) const override {
    const bool bf16 = a.in[0].dtype == DType::bf16;
    bf16 ? run_as<Bf16>(device.where(), a) : run_as<float>(device.where(), a);
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value x = node.in[0], w = node.in[1], dy = out[0];
    const bool norm = node.in.size() > 2;
    const Value again = graph.needs_gradient(w) || conv_.relu || norm ? graph.saved(x) : Value{};
    std::vector<Value> found(node.in.size());
    if (graph.needs_gradient(w)) {
      std::vector<Value> in = node.in;
      in[0] = again, in[1] = dy;
      found[1] = graph.add(std::make_shared<DepthwiseOp>(conv_, Direction::weight_gradient), in, w.desc());
    }
    if (graph.needs_gradient(x) || norm)
      found[0] = graph.add(std::make_shared<DepthwiseOp>(conv_, Direction::data_gradient),
                           {dy, w, conv_.relu ? again : Value{}}, x.desc());
    if (norm) {
      const auto g = batch_norm_gradients(again, found[0], {node.in[2], node.in[3]}, node.in[4], node.in[5],
                                          Activation::relu);
      found[0] = g.x, found[4] = g.weight, found[5] = g.bias;
    }
    return found;
  }

 private:
  int64_t copies() const { return direction_ == Direction::weight_gradient ? bands_out(conv_).count() : 1; }

  static NormBefore norm_before(const Arguments& a) {
    if (a.in.size() == 2) return {};
    return {a.in[2].as<float>(), a.in[3].as<float>(), a.in[4].as<float>(), a.in[5].as<float>()};
  }

  template <class T>
  void run_as(const Where& where, const Arguments& a) const {
    float* work = static_cast<float*>(a.workspace);
    if (direction_ == Direction::weight_gradient) {
      launch(where, DepthwiseWeightPartial<T>{a.in[0].as<T>(), a.in[1].as<T>(), work, conv_, norm_before(a)});
      launch(where, DepthwiseWeightReduce{work, a.out[0].as<float>(), copies(), conv_.channels, conv_.size});
      return;
    }
    const bool past = where.past_caches(a.out[0].bytes());
    launch(where, FilterByTaps{a.in[1].as<float>(), work, conv_.channels, conv_.size});
    if (direction_ == Direction::forward && a.out.size() > 1) {
      float* mean = a.out[1].as<float>();
      launch(where, DepthwiseWithMoments<T>{a.in[0].as<T>(), work, a.out[0].as<T>(), mean,
                                            mean + a.out[1].shape.numel() / 2, conv_, past});
    } else if (direction_ == Direction::forward) {
      launch(where, DepthwiseForward<T>{.x = a.in[0].as<T>(),
                                        .taps = work,
                                        .y = a.out[0].as<T>(),
                                        .conv = conv_,
                                        .past_caches = past,
                                        .norm = norm_before(a)});
    } else {
      launch(where, DepthwiseDataGradient<T>{a.in[0].as<T>(), work, a.out[0].as<T>(), conv_,
                                             conv_.relu ? a.in[2].as<T>() : nullptr, past});
    }
  }

  Depthwise conv_;
  Direction direction_;
  bool recomputed_;
};

// Inputs: x, w, bias. Output: y.
class FusedDepthwiseOp : public Op {
 public:
  FusedDepthwiseOp(const Depthwise& conv, Activation activation) : conv_(conv), activation_(activation) {}
  const char* name() const override { return "depthwise.fused"; }
  Attributes attributes() const override {
    return {{"stride", conv_.stride}, {"pad", conv_.pad}, {"activation", int(activation_)}};
  }
  size_t workspace() const override { return size_t(conv_.filter_size()) * sizeof(float); }
  Cost cost(const Node& node) const override {
    return {conv_.flops(), Op::cost(node).bytes + 2 * double(workspace())};
  }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device.where(), a) : run_as<float>(device.where(), a);
  }

 private:
  template <class T>
  void run_as(const Where& where, const Arguments& a) const {
    float* taps = static_cast<float*>(a.workspace);
    launch(where, FilterByTaps{a.in[1].as<float>(), taps, conv_.channels, conv_.size});
    launch(where, DepthwiseForward<T>{a.in[0].as<T>(), taps, a.out[0].as<T>(), conv_, a.in[2].as<float>(),
                                      activation_, where.past_caches(a.out[0].bytes())});
  }

  Depthwise conv_;
  Activation activation_;
};

Depthwise describe(Value x, Value w, int64_t stride, int64_t pad, bool relu) {
  const Shape &xs = x.shape(), &ws = w.shape();
  const std::string what = xs.text() + " * " + ws.text();
  check(xs.rank() == 4 && ws.rank() == 4 && ws[0] == xs[3] && ws[1] == ws[2] && ws[3] == 1,
        "depthwise_conv2d takes x[N,H,W,C] and w[C,R,R,1]", what);
  check((ws[1] == 3 || ws[1] == 5) && (stride == 1 || stride == 2) && pad >= 0,
        "depthwise_conv2d has filters of 3x3 and 5x5, strides 1 and 2", what);
  check(!relu || (ws[1] == 3 && stride == 1), "depthwise_conv2d takes a ReLU before 3x3, stride 1", what);
  check(w.desc().dtype == DType::f32, "a depthwise filter is fp32", what);
  check(xs[1] + 2 * pad >= ws[1] && xs[2] + 2 * pad >= ws[1], "the image is smaller than the filter", what);
  return {xs[0], xs[1], xs[2], xs[3], x.desc().channel_block(), ws[1], stride, pad, relu};
}

TensorDesc output_of(Value x, const Depthwise& conv) {
  return {x.desc().dtype, {conv.images, conv.out_height(), conv.out_width(), conv.channels}, x.desc().block};
}

}  // namespace

Value depthwise_conv2d(Value x, Value w, int64_t stride, int64_t pad, bool relu, bool recomputed) {
  const Depthwise conv = describe(x, w, stride, pad, relu);
  return x.graph->add(std::make_shared<DepthwiseOp>(conv, Direction::forward, recomputed), {x, w},
                      output_of(x, conv));
}

Value depthwise_of_norm(Value x, const BatchNormVariables& norm, const BatchStatistics& by, Value w,
                        int64_t pad, bool recomputed) {
  const Depthwise conv = describe(x, w, 1, pad, false);
  check(conv.size == 3, "a norm goes into depthwise convolutions by filters of 3x3", w.shape().text());
  return x.graph->add(std::make_shared<DepthwiseOp>(conv, Direction::forward, recomputed),
                      {x, w, by.mean, by.rstd, norm.weight, norm.bias}, output_of(x, conv));
}

WithMoments depthwise_with_moments(Value x, Value w, int64_t stride, int64_t pad) {
  const Depthwise conv = describe(x, w, stride, pad, false);
  const Chunks bands = chunks_of(bands_out(conv), conv.out_width());
  const TensorDesc moments = {DType::f32, {2, bands.count(), conv.channels}};
  const auto out = x.graph->add(std::make_shared<DepthwiseOp>(conv, Direction::forward), {x, w},
                                {output_of(x, conv), moments});
  return {out[0], {out[1], bands}};
}

Value depthwise_conv2d(Value x, Value w, Value bias, Activation activation, int64_t stride, int64_t pad) {
  const Depthwise conv = describe(x, w, stride, pad, false);
  check(bias.desc() == TensorDesc{DType::f32, {conv.channels}}, "a bias has a number a channel",
        bias.shape().text());
  check(activation != Activation::sigmoid, "a depthwise convolution ends with no activation, ReLU, or SiLU");
  return x.graph->add(std::make_shared<FusedDepthwiseOp>(conv, activation), {x, w, bias}, output_of(x, conv));
}

}  // namespace rc
