#include "model/layers.h"

#include "model/init.h"
#include "model/ops/bias.h"
#include "model/ops/cast.h"
#include "model/ops/conv2d.h"
#include "model/ops/depthwise.h"
#include "model/ops/dropout.h"
#include "model/ops/folded_conv.h"
#include "model/ops/gated_norm.h"
#include "model/ops/matmul.h"
#include "model/ops/pooling.h"

namespace rc {

std::string Layers::full_name(const std::string& leaf) const {
  return graph.scope().empty() ? leaf : graph.scope() + "." + leaf;
}

uint64_t Layers::seed_of(const std::string& name) const {
  return seed ^ uint64_t(stream_of(full_name(name))) << 32;
}

Value Layers::conv_weight(const std::string& name, int64_t filters, int64_t size, int64_t channels) const {
  const Graph::Scope scope(graph, name);
  const std::string weight = full_name("weight");
  return graph.variable(graph.variables().parameter(weight, {filters, size, size, channels},
                                                    kaiming_normal(seed, weight, filters * size * size)));
}

Value Layers::depthwise_weight(const std::string& name, int64_t channels, int64_t size) const {
  const Graph::Scope scope(graph, name);
  const std::string weight = full_name("weight");
  return graph.variable(graph.variables().parameter(weight, {channels, size, size, 1},
                                                    kaiming_normal(seed, weight, size * size)));
}

BatchNormVariables Layers::norm_variables(const std::string& name, int64_t channels) const {
  const Graph::Scope scope(graph, name);
  Variables& variables = graph.variables();
  const Shape shape = {channels};
  return {graph.variable(variables.parameter(full_name("weight"), shape, constant(1))),
          graph.variable(variables.parameter(full_name("bias"), shape, constant(0))),
          graph.variable(variables.buffer(full_name("running_mean"), {DType::f32, shape})),
          graph.variable(variables.buffer(full_name("running_var"), {DType::f32, shape}, constant(1)))};
}

WithMoments Layers::conv(Value x, const std::string& name, int64_t filters, int64_t size, int64_t stride,
                         int64_t pad, bool recomputed) const {
  const Value w = conv_weight(name, filters, size, x.shape().back());
  const Graph::Scope scope(graph, name);
  const Value filter = cast(w, x.desc().dtype);
  if (graph.training()) return conv_with_moments(x, filter, stride, pad, recomputed);
  return {conv2d(x, filter, stride, pad), {}};
}

Value Layers::depthwise(Value x, const std::string& name, int64_t size, int64_t stride, int64_t pad,
                        bool relu, bool recomputed) const {
  const Value w = depthwise_weight(name, x.shape().back(), size);
  const Graph::Scope scope(graph, name);
  return depthwise_conv2d(x, w, stride, pad, relu, recomputed);
}

Value Layers::norm(const WithMoments& x, const std::string& name, Activation activation, Value residual,
                   float drop_path) const {
  const BatchNormVariables v = norm_variables(name, x.y.shape().back());
  const Graph::Scope scope(graph, name);
  const bool drops = graph.training() && drop_path > 0;
  const Value scale = drops ? branch_scale(step, x.y.shape()[0], drop_path, seed_of("drop_path")) : Value{};
  return batch_norm(x, v, activation, residual, scale);
}

Value Layers::conv_norm(Value x, const ConvNorm& l, Value residual, float drop_path) const {
  if (!graph.training()) {
    const Value w = conv_weight(l.conv, l.filters, l.size, x.shape().back());
    const BatchNormVariables v = norm_variables(l.norm, l.filters);
    const Graph::Scope scope(graph, l.conv);
    if (const Value y = folded_conv(x, w, v, l.stride, l.pad, l.activation, residual)) return y;
  }
  return norm(conv(x, l.conv, l.filters, l.size, l.stride, l.pad, l.recomputed), l.norm, l.activation,
              residual, drop_path);
}

Layers::BeforeNorm Layers::conv_before_norm(Value x, const ConvNorm& l) const {
  const WithMoments y = conv(x, l.conv, l.filters, l.size, l.stride, l.pad, l.recomputed);
  const BatchNormVariables norm = norm_variables(l.norm, l.filters);
  const Graph::Scope scope(graph, l.norm);
  return {y.y, norm, batch_statistics(y, norm)};
}

Value Layers::conv_norm_depthwise(Value x, const ConvNorm& l, const std::string& name,
                                  bool recomputed) const {
  if (!graph.training()) return depthwise(conv_norm(x, l), name, 3, 1, 1);
  const BeforeNorm y = conv_before_norm(x, l);
  const Value w = depthwise_weight(name, l.filters, 3);
  const Graph::Scope scope(graph, name);
  return depthwise_of_norm(y.x, y.norm, y.by, w, 1, recomputed);
}

Value Layers::conv_norm_max_pool(Value x, const ConvNorm& l) const {
  if (!graph.training()) return max_pool(conv_norm(x, l), 3, 2, 1);
  const BeforeNorm y = conv_before_norm(x, l);
  return max_pool_of_norm(y.x, y.norm, y.by, l.activation, 3, 2, 1);
}

Value Layers::linear(Value x, const std::string& name, int64_t out, bool relu) const {
  const Graph::Scope scope(graph, name);
  const int64_t in = x.shape().back();
  const std::string weight = full_name("weight"), bias = full_name("bias");
  const Value w =
      graph.variable(graph.variables().parameter(weight, {out, in}, linear_uniform(seed, weight, in)));
  const Value b = graph.variable(graph.variables().parameter(bias, {out}, linear_uniform(seed, bias, in)));
  return add_bias(matmul(x, w, false, true), b, relu ? Activation::relu : Activation::none);
}

SqueezeExciteVariables Layers::excite_variables(const std::string& name, int64_t channels,
                                                int64_t reduced) const {
  const Graph::Scope scope(graph, name);
  const auto parameters = [&](const std::string& layer, int64_t out, int64_t in) {
    const Graph::Scope inner(graph, layer);
    const std::string weight = full_name("weight"), bias = full_name("bias");
    Variables& variables = graph.variables();
    return std::pair(
        graph.variable(variables.parameter(weight, {out, 1, 1, in}, kaiming_normal(seed, weight, out))),
        graph.variable(variables.parameter(bias, {out}, constant(0))));
  };
  const auto [reduce_weight, reduce_bias] = parameters("conv_reduce", reduced, channels);
  const auto [expand_weight, expand_bias] = parameters("conv_expand", channels, reduced);
  return {reduce_weight, reduce_bias, expand_weight, expand_bias};
}

Value Layers::depthwise_excite(Value x, const DepthwiseExcite& l) const {
  const int64_t channels = x.shape().back();
  const Value w = depthwise_weight(l.conv, channels, l.size);
  const BatchNormVariables norm = norm_variables(l.norm, channels);
  const auto in_scope = [&](const std::string& layer, auto make) {
    const Graph::Scope scope(graph, layer);
    return make();
  };
  if (graph.training()) {
    const WithMoments y = in_scope(l.conv, [&] { return depthwise_with_moments(x, w, l.stride, l.pad); });
    const SqueezeExciteVariables excite = excite_variables(l.excite, channels, l.reduced);
    return in_scope(l.norm, [&] { return gated_norm(y, norm, excite); });
  }
  const Value y =
      in_scope(l.conv, [&] { return folded_depthwise(x, w, norm, l.stride, l.pad, Activation::silu); });
  const SqueezeExciteVariables excite = excite_variables(l.excite, channels, l.reduced);
  return in_scope(l.excite, [&] { return squeeze_excite(y, excite); });
}

Value Layers::dropout(Value x, const std::string& name, float rate) const {
  if (!graph.training() || rate == 0) return x;
  const Graph::Scope scope(graph, name);
  return rc::dropout(x, step, rate, seed_of("dropout"));
}

}  // namespace rc
