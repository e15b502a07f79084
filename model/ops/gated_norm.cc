#include "model/ops/gated_norm.h"

#include "kernels/gated_norm.h"

namespace rc {
namespace {

Channels channels_of(const TensorDesc& desc) {
  const Shape& s = desc.shape;
  return {s[0], s[1] * s[2], s[3], desc.channel_block()};
}

// Inputs: x, mean, rstd, weight, bias. Output: the means of silu(norm(x)).
class MeansOp : public Op {
 public:
  explicit MeansOp(const TensorDesc& x) : shape_(channels_of(x)) {}
  const char* name() const override { return "gated_norm.means"; }
  size_t workspace() const override { return size_t(chunks(shape_) * shape_.channels) * sizeof(float); }
  Cost cost(const Node& node) const override { return {20 * double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    float* partial = static_cast<float*>(a.workspace);
    launch(device.where(),
           GatedNormPartial<T>{a.in[0].as<T>(), partial, a.in[1].as<float>(), a.in[2].as<float>(),
                               a.in[3].as<float>(), a.in[4].as<float>(), shape_});
    launch(device.where(), SumChunks{partial, a.out[0].as<float>(), shape_, 1, 1 / float(shape_.pixels)});
  }
  Channels shape_;
};

// Inputs: x, dy, mean, rstd, weight, bias. Outputs: dgate [N, C], and the sums that GradientOp takes.
class SumsOp : public Op {
 public:
  explicit SumsOp(const TensorDesc& x) : shape_(channels_of(x)) {}
  const char* name() const override { return "gated_norm.sums"; }
  size_t workspace() const override { return size_t(5 * chunks(shape_) * shape_.channels) * sizeof(float); }
  Cost cost(const Node& node) const override { return {32 * double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    float* partial = static_cast<float*>(a.workspace);
    launch(device.where(), GatedNormBackwardPartial<T>{a.in[0].as<T>(), a.in[1].as<T>(), partial,
                                                       a.in[2].as<float>(), a.in[3].as<float>(),
                                                       a.in[4].as<float>(), a.in[5].as<float>(), shape_});
    launch(device.where(), SumChunks{partial, a.out[0].as<float>(), shape_});
    partial += chunks(shape_) * shape_.channels;
    launch(device.where(), SumChunks{partial, a.out[1].as<float>(), shape_, 4});
  }
  Channels shape_;
};

// Inputs: x, dy, gate, dmeans, sums, mean, rstd, weight, bias. Outputs: dx, dweight, dbias.
class GradientOp : public Op {
 public:
  explicit GradientOp(const TensorDesc& x) : shape_(channels_of(x)) {}
  const char* name() const override { return "gated_norm.grad"; }
  int overwrites(int output) const override { return output == 0 ? 1 : -1; }
  Cost cost(const Node& node) const override { return {26 * double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    const float *gate = a.in[2].as<float>(), *dmeans = a.in[3].as<float>(), *mean = a.in[5].as<float>(),
                *rstd = a.in[6].as<float>(), *weight = a.in[7].as<float>(), *bias = a.in[8].as<float>();
    float *dweight = a.out[1].as<float>(), *dbias = a.out[2].as<float>();
    launch(device.where(),
           GatedNormBackwardReduce{a.in[4].as<float>(), gate, dmeans, rstd, dweight, dbias, shape_});
    launch(device.where(),
           GatedNormBackwardApply<T>{a.in[0].as<T>(), a.in[1].as<T>(), a.out[0].as<T>(), gate, dmeans, mean,
                                     rstd, weight, bias, dweight, dbias, shape_});
  }
  Channels shape_;
};

// Inputs: x, mean, rstd, weight, bias, gate, and the four parameters that the gate was computed with, which
// take their gradients here. Output: y. It is kept, as the next convolution's gradient takes it.
class ApplyOp : public Op {
 public:
  explicit ApplyOp(const TensorDesc& x) : shape_(channels_of(x)) {}
  const char* name() const override { return "gated_norm"; }
  Cost cost(const Node& node) const override {
    const double size = double(node.in[0].desc().bytes() + node.out[0].desc().bytes());
    return {20 * double(shape_.size()), size + double(node.in[5].desc().bytes())};
  }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

  // x gets its gradient by two ways, through the product and through the means. Both are added while it is
  // written: so this op goes back through the gate itself, and to the graph the gate leads nowhere.
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value dy = out[0], x = graph.saved(node.in[0]), gate = graph.saved(node.in[5]);
    const TensorDesc desc = node.in[0].desc(), of_images = node.in[5].desc(), row = node.in[3].desc();
    const Value mean = node.in[1], rstd = node.in[2], weight = node.in[3], bias = node.in[4];
    std::vector<Value> gradients(node.in.size());
    const auto sums =
        graph.add(std::make_shared<SumsOp>(desc), {x, dy, mean, rstd, weight, bias},
                  {of_images, TensorDesc{DType::f32, {4, of_images.shape[0], of_images.shape[1]}}});
    Value back = sums[0], at = node.in[5];
    for (size_t parameter = node.in.size(); parameter-- > 6;) {
      const Node& layer = graph.nodes()[size_t(graph.values()[size_t(at.id)].producer)];
      const std::vector<Value> found = layer.op->gradient(graph, layer, std::array{back});
      back = found[0], gradients[parameter] = found[1], at = layer.in[0];
    }
    const auto g = graph.add(std::make_shared<GradientOp>(desc),
                             {x, dy, gate, back, sums[1], mean, rstd, weight, bias}, {desc, row, row});
    gradients[0] = g[0], gradients[3] = g[1], gradients[4] = g[2];
    return gradients;
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    launch(device.where(),
           GatedNormApply<T>{a.in[0].as<T>(), a.in[5].as<float>(), a.out[0].as<T>(), a.in[1].as<float>(),
                             a.in[2].as<float>(), a.in[3].as<float>(), a.in[4].as<float>(), shape_,
                             device.where().past_caches(a.out[0].bytes())});
  }
  Channels shape_;
};

}  // namespace

Value gated_norm(const WithMoments& input, const BatchNormVariables& norm,
                 const SqueezeExciteVariables& excite, float momentum, float eps) {
  const Value x = input.y;
  check(x.graph->training() && x.shape().rank() == 4, "a gated norm takes [N, H, W, C], in training",
        x.shape().text());
  const BatchStatistics s = batch_statistics(input, norm, momentum, eps);
  const TensorDesc of_images = {DType::f32, {x.shape()[0], x.shape()[3]}};
  const Value means = x.graph->add(std::make_shared<MeansOp>(x.desc()),
                                   {x, s.mean, s.rstd, norm.weight, norm.bias}, of_images);
  return x.graph->add(std::make_shared<ApplyOp>(x.desc()),
                      {x, s.mean, s.rstd, norm.weight, norm.bias, excitation(means, excite),
                       excite.reduce_weight, excite.reduce_bias, excite.expand_weight, excite.expand_bias},
                      x.desc());
}

}  // namespace rc
