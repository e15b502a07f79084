#include "model/ops/pooling.h"

#include "kernels/pooling.h"

namespace rc {
namespace {

// Inputs: dy, argmax. Output: dx.
class MaxPoolGradientOp : public Op {
 public:
  explicit MaxPoolGradientOp(const Pooling& pool) : pool_(pool) {}
  const char* name() const override { return "max_pool.grad"; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device.where(), a) : run_as<float>(device.where(), a);
  }

 private:
  template <class T>
  void run_as(const Where& where, const Arguments& a) const {
    launch(where, MaxPoolBackward<T>{a.in[0].as<T>(), a.in[1].as<uint8_t>(), a.out[0].as<T>(), pool_,
                                     where.past_caches(a.out[0].bytes())});
  }
  Pooling pool_;
};

// Inputs: x, and mean, rstd, weight and bias of a norm that x passes, and then `relu`. Outputs: y, and, while
// training, argmax, by which the gradient goes back.
class MaxPoolOp : public Op {
 public:
  explicit MaxPoolOp(const Pooling& pool, bool relu = false) : pool_(pool), relu_(relu) {}
  const char* name() const override { return "max_pool"; }
  Attributes attributes() const override {
    return {{"window", pool_.kernel}, {"stride", pool_.stride}, {"pad", pool_.pad}};
  }
  Cost cost(const Node& node) const override {
    const double norm = node.in.size() > 1 ? 3 : 0;
    return {(1 + norm) * double(pool_.kernel * pool_.kernel * pool_.out().size()), Op::cost(node).bytes};
  }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device.where(), a) : run_as<float>(device.where(), a);
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value x = node.in[0];
    const Value dz = graph.add(std::make_shared<MaxPoolGradientOp>(pool_), {out[0], node.out[1]}, x.desc());
    if (node.in.size() == 1) return {dz};
    const auto g = batch_norm_gradients(graph.saved(x), dz, {node.in[1], node.in[2]}, node.in[3], node.in[4],
                                        relu_ ? Activation::relu : Activation::none);
    return {g.x, {}, {}, g.weight, g.bias};
  }

 private:
  template <class T>
  void run_as(const Where& where, const Arguments& a) const {
    uint8_t* argmax = a.out.size() > 1 ? a.out[1].as<uint8_t>() : nullptr;
    const bool past = where.past_caches(a.out[0].bytes());
    if (a.in.size() == 1) {
      launch(where, MaxPool<T>{a.in[0].as<T>(), a.out[0].as<T>(), argmax, pool_, past});
      return;
    }
    const NormBefore norm{a.in[1].as<float>(), a.in[2].as<float>(), a.in[3].as<float>(), a.in[4].as<float>()};
    launch(where, MaxPoolOfNorm<T>{a.in[0].as<T>(), a.out[0].as<T>(), argmax, pool_, norm, relu_, past});
  }
  Pooling pool_;
  bool relu_;
};

// Mean over pixels, or (spread) its gradient.
class AverageOp : public Op {
 public:
  AverageOp(const Channels& shape, bool spread) : shape_(shape), spread_(spread) {}
  const char* name() const override { return spread_ ? "global_average_pool.grad" : "global_average_pool"; }
  Cost cost(const Node& node) const override { return {double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    const bool bf16 = a.in[0].dtype == DType::bf16 || a.out[0].dtype == DType::bf16;
    bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    return {graph.add(std::make_shared<AverageOp>(shape_, true), {out[0]}, node.in[0].desc())};
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    const float scale = 1 / float(shape_.pixels);
    if (spread_)
      launch(device.where(), SpreadPixels<T>{a.in[0].as<float>(), a.out[0].as<T>(), shape_, scale});
    else
      launch(device.where(), SumPixels<T>{a.in[0].as<T>(), a.out[0].as<float>(), shape_, scale});
  }

  Channels shape_;
  bool spread_;
};

Pooling describe(Value x, int64_t window, int64_t stride, int64_t pad) {
  const Shape& s = x.shape();
  return {s[0], s[1], s[2], s[3], x.desc().channel_block(), window, stride, pad};
}
std::vector<TensorDesc> outputs_of(Value x, const Pooling& pool) {
  const Shape out = {pool.images, pool.out_height(), pool.out_width(), pool.channels};
  std::vector<TensorDesc> outputs = {{x.desc().dtype, out, x.desc().block}};
  if (x.graph->training()) outputs.push_back({DType::u8, out, x.desc().block});
  return outputs;
}

}  // namespace

Value max_pool(Value x, int64_t window, int64_t stride, int64_t pad) {
  const Pooling pool = describe(x, window, stride, pad);
  return x.graph->add(std::make_shared<MaxPoolOp>(pool), {x}, outputs_of(x, pool))[0];
}

Value max_pool_of_norm(Value x, const BatchNormVariables& norm, const BatchStatistics& by,
                       Activation activation, int64_t window, int64_t stride, int64_t pad) {
  check(activation == Activation::none || activation == Activation::relu,
        "pooling takes a norm with no activation, or with a ReLU");
  const Pooling pool = describe(x, window, stride, pad);
  return x.graph->add(std::make_shared<MaxPoolOp>(pool, activation == Activation::relu),
                      {x, by.mean, by.rstd, norm.weight, norm.bias}, outputs_of(x, pool))[0];
}

Value global_average_pool(Value x) {
  const Shape& s = x.shape();
  const Channels shape{s[0], s[1] * s[2], s[3], x.desc().channel_block()};
  return x.graph->add(std::make_shared<AverageOp>(shape, false), {x}, TensorDesc{DType::f32, {s[0], s[3]}});
}

}  // namespace rc
