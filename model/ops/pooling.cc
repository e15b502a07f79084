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

// Input: x. Outputs: y, and, while training, argmax, by which the gradient goes back.
class MaxPoolOp : public Op {
 public:
  explicit MaxPoolOp(const Pooling& pool) : pool_(pool) {}
  const char* name() const override { return "max_pool"; }
  Attributes attributes() const override {
    return {{"window", pool_.kernel}, {"stride", pool_.stride}, {"pad", pool_.pad}};
  }
  Cost cost(const Node& node) const override {
    return {double(pool_.kernel * pool_.kernel * pool_.out().size()), Op::cost(node).bytes};
  }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device.where(), a) : run_as<float>(device.where(), a);
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    return {graph.add(std::make_shared<MaxPoolGradientOp>(pool_), {out[0], node.out[1]}, node.in[0].desc())};
  }

 private:
  template <class T>
  void run_as(const Where& where, const Arguments& a) const {
    uint8_t* argmax = a.out.size() > 1 ? a.out[1].as<uint8_t>() : nullptr;
    launch(where,
           MaxPool<T>{a.in[0].as<T>(), a.out[0].as<T>(), argmax, pool_, where.past_caches(a.out[0].bytes())});
  }
  Pooling pool_;
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

}  // namespace

Value max_pool(Value x, int64_t window, int64_t stride, int64_t pad) {
  const Shape& s = x.shape();
  const Pooling pool{s[0], s[1], s[2], s[3], x.desc().channel_block(), window, stride, pad};
  const Shape out = {s[0], pool.out_height(), pool.out_width(), s[3]};
  const int64_t block = x.desc().block;
  std::vector<TensorDesc> outputs = {{x.desc().dtype, out, block}};
  if (x.graph->training()) outputs.push_back({DType::u8, out, block});
  return x.graph->add(std::make_shared<MaxPoolOp>(pool), {x}, outputs)[0];
}

Value global_average_pool(Value x) {
  const Shape& s = x.shape();
  const Channels shape{s[0], s[1] * s[2], s[3], x.desc().channel_block()};
  return x.graph->add(std::make_shared<AverageOp>(shape, false), {x}, TensorDesc{DType::f32, {s[0], s[3]}});
}

}  // namespace rc
