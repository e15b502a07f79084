#include "model/ops/batch_norm.h"

namespace rc {
namespace {

Channels channels_of(const TensorDesc& desc) {
  const Shape& s = desc.shape;
  if (s.rank() == 2) return {1, s[0], s[1], s[1]};  // the rows of a matrix are the pixels of one image
  check(s.rank() == 4, "batch norm takes [N, H, W, C] or [N, C]", s.text());
  return {s[0], s[1] * s[2], s[3], desc.channel_block()};
}

// Input: x or its moments, running_mean, running_var (moved in place). Outputs: mean, rstd.
class StatisticsOp : public Op {
 public:
  StatisticsOp(const TensorDesc& x, float momentum, float eps)
      : shape_(channels_of(x)), chunks_(chunks_of(shape_)), momentum_(momentum), eps_(eps) {}
  StatisticsOp(const TensorDesc& x, const Chunks& of_moments, float momentum, float eps)
      : shape_(channels_of(x)), chunks_(of_moments), gathered_(true), momentum_(momentum), eps_(eps) {}
  const char* name() const override { return "batch_norm.statistics"; }
  size_t workspace() const override { return gathered_ ? 0 : size_t(2 * moments()) * sizeof(float); }
  Cost cost(const Node& node) const override {
    return {gathered_ ? 6.0 * double(moments()) : 4.0 * double(shape_.size()),
            double(node.in[0].desc().bytes())};
  }

  void run(Device& device, const Arguments& a) const override {
    float* mean = gathered_ ? a.in[0].as<float>() : static_cast<float*>(a.workspace);
    float* deviance = mean + moments();
    if (!gathered_) {
      if (a.in[0].dtype == DType::bf16)
        launch(device.where(), BatchNormPartial<Bf16>{a.in[0].as<Bf16>(), mean, deviance, shape_});
      else
        launch(device.where(), BatchNormPartial<float>{a.in[0].as<float>(), mean, deviance, shape_});
    }
    launch(device.where(), BatchNormStatistics{mean, deviance, a.out[0].as<float>(), a.out[1].as<float>(),
                                               a.in[1].as<float>(), a.in[2].as<float>(), chunks_,
                                               shape_.channels, eps_, momentum_});
  }
  bool repeatable() const override { return false; }  // the running statistics would move twice
  // The statistics' own gradient is part of batch_norm.grad.
  std::vector<Value> gradient(Graph&, const Node&, std::span<const Value>) const override {
    return {{}, {}, {}};
  }

 private:
  int64_t moments() const { return shape_.channels * chunks_.count(); }

  Channels shape_;
  Chunks chunks_;
  bool gathered_ = false;
  float momentum_, eps_;
};

// Input: running_var. Output: rstd.
class ReciprocalStdOp : public Op {
 public:
  explicit ReciprocalStdOp(float eps) : eps_(eps) {}
  const char* name() const override { return "batch_norm.rstd"; }
  Attributes attributes() const override { return {{"eps", eps_}}; }
  void run(Device& device, const Arguments& a) const override {
    launch(device.where(),
           ReciprocalStd{a.in[0].as<float>(), a.out[0].as<float>(), a.in[0].shape.numel(), eps_});
  }

 private:
  float eps_;
};

// Inputs: x, dy, y (or empty), mean, rstd, weight, bias, branch_scale (or empty). Outputs: dx, dweight,
// dbias, and the residual's gradient where there is one.
class GradientOp : public Op {
 public:
  GradientOp(const TensorDesc& x, Activation activation) : shape_(channels_of(x)), activation_(activation) {}
  const char* name() const override { return "batch_norm.grad"; }
  size_t workspace() const override { return size_t(2 * shape_.channels * chunks(shape_)) * sizeof(float); }
  int overwrites(int output) const override { return output == 0 ? 1 : -1; }
  Cost cost(const Node& node) const override {
    // x and dy (and y) pass twice: once for the sums, once for the gradient.
    const double size = double(node.in[0].desc().bytes());
    return {16.0 * double(shape_.size()),
            size * ((node.in[2] ? 6 : 4) + double(node.out.size() > 3 ? 2 : 1))};
  }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    float* sum = static_cast<float*>(a.workspace);
    float* dot = sum + shape_.channels * chunks(shape_);
    const T *x = a.in[0].as<T>(), *dy = a.in[1].as<T>(), *y = a.in[2].data ? a.in[2].as<T>() : nullptr;
    const float *mean = a.in[3].as<float>(), *rstd = a.in[4].as<float>(), *weight = a.in[5].as<float>(),
                *bias = a.in[6].as<float>(), *scale = a.in[7].data ? a.in[7].as<float>() : nullptr;
    float *dweight = a.out[1].as<float>(), *dbias = a.out[2].as<float>();
    T* d_residual = a.out.size() > 3 ? a.out[3].as<T>() : nullptr;
    launch(device.where(), BatchNormBackwardPartial<T>{x, dy, y, sum, dot, mean, rstd, weight, bias, shape_,
                                                       activation_, scale});
    launch(device.where(), BatchNormBackwardReduce{sum, dot, rstd, dweight, dbias, shape_});
    launch(device.where(),
           BatchNormBackwardApply<T>{x, dy, y, a.out[0].as<T>(), d_residual, mean, rstd, weight, bias,
                                     dweight, dbias, shape_, activation_, scale});
  }

  Channels shape_;
  Activation activation_;
};

// A norm's result is computed again in the backward pass: one pass over x, a tenth of the convolution that
// needs it. With a residual it takes the residual's result as well, that of the block before, which goes back
// to the one before it: each once, but all of them are there at a time. So at most so many residual sums in a
// row are computed again, and the next one is kept.
constexpr int kLongestChain = 3;

// Inputs: x, residual (or empty), mean, rstd, weight, bias, branch_scale (or empty). Output: y.
class ApplyOp : public Op {
 public:
  ApplyOp(const TensorDesc& x, Activation activation, int chain)
      : shape_(channels_of(x)), activation_(activation), chain_(chain) {}
  int chain() const { return chain_; }
  const char* name() const override { return "batch_norm"; }
  Attributes attributes() const override { return {{"activation", int(activation_)}}; }
  int overwrites(int) const override { return 0; }
  bool recomputed() const override { return chain_ <= kLongestChain; }
  Cost cost(const Node& node) const override { return {5.0 * double(shape_.size()), Op::cost(node).bytes}; }
  void run(Device& device, const Arguments& a) const override {
    a.in[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value x = node.in[0], residual = node.in[1];
    std::vector<TensorDesc> outs = {x.desc(), node.in[4].desc(), node.in[5].desc()};
    if (residual) outs.push_back(residual.desc());
    const Value y = residual && activation_ == Activation::relu ? graph.saved(node.out[0]) : Value{};
    const auto g = graph.add(
        std::make_shared<GradientOp>(x.desc(), activation_),
        {graph.saved(x), out[0], y, node.in[2], node.in[3], node.in[4], node.in[5], node.in[6]}, outs);
    return {g[0], residual ? g[3] : Value{}, {}, {}, g[1], g[2], {}};
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    launch(device.where(), BatchNormApply<T>{a.in[0].as<T>(), a.in[1].data ? a.in[1].as<T>() : nullptr,
                                             a.out[0].as<T>(), a.in[2].as<float>(), a.in[3].as<float>(),
                                             a.in[4].as<float>(), a.in[5].as<float>(), shape_, activation_,
                                             a.in[6].data ? a.in[6].as<float>() : nullptr,
                                             device.where().past_caches(a.out[0].bytes())});
  }

  Channels shape_;
  Activation activation_;
  int chain_;  // of residual sums, this one included
};

// How many residual sums are computed again for that of a norm with this residual, its own included. One that
// comes from elsewhere, such as pooling, would have to be kept for it: then the sum is.
int chain_of(const Value& residual) {
  if (!residual) return 0;
  const Graph& graph = *residual.graph;
  const int producer = graph.values()[size_t(residual.id)].producer;
  const auto* norm =
      producer < 0 ? nullptr : dynamic_cast<const ApplyOp*>(graph.nodes()[size_t(producer)].op.get());
  if (norm == nullptr) return kLongestChain + 1;
  return norm->recomputed() ? norm->chain() + 1 : 1;
}

}  // namespace

BatchStatistics batch_statistics(const WithMoments& input, const BatchNormVariables& v, float momentum,
                                 float eps) {
  const auto& [x, gathered] = input;
  const TensorDesc row = {DType::f32, {x.shape().back()}};
  const auto op = gathered.values ? std::make_shared<StatisticsOp>(x.desc(), gathered.chunks, momentum, eps)
                                  : std::make_shared<StatisticsOp>(x.desc(), momentum, eps);
  const auto s =
      x.graph->add(op, {gathered.values ? gathered.values : x, v.running_mean, v.running_var}, {row, row});
  return {s[0], s[1]};
}

BatchNormGradients batch_norm_gradients(Value x, Value dy, const BatchStatistics& by, Value weight,
                                        Value bias, Activation activation) {
  const auto g =
      x.graph->add(std::make_shared<GradientOp>(x.desc(), activation),
                   {x, dy, {}, by.mean, by.rstd, weight, bias, {}}, {x.desc(), weight.desc(), bias.desc()});
  return {g[0], g[1], g[2]};
}

Value batch_norm(const WithMoments& input, const BatchNormVariables& v, Activation activation, Value residual,
                 Value branch_scale, float momentum, float eps) {
  const Value x = input.y;
  Graph& graph = *x.graph;
  check(!residual || residual.desc() == x.desc(),
        "a residual has the shape and storage of what it is added to");
  check(activation != Activation::sigmoid && !(activation == Activation::silu && residual),
        "batch norm has no activation, ReLU, or SiLU without a residual");
  check(!branch_scale || (residual && x.shape().rank() == 4 &&
                          branch_scale.desc() == TensorDesc{DType::f32, {x.shape()[0]}}),
        "branch_scale has a number an image, beside a residual", x.shape().text());
  BatchStatistics by = {v.running_mean, {}};
  if (graph.training())
    by = batch_statistics(input, v, momentum, eps);
  else
    by.rstd = graph.add(std::make_shared<ReciprocalStdOp>(eps), {v.running_var}, v.running_var.desc());
  return graph.add(std::make_shared<ApplyOp>(x.desc(), activation, chain_of(residual)),
                   {x, residual, by.mean, by.rstd, v.weight, v.bias, branch_scale}, x.desc());
}

}  // namespace rc
