#include "model/layers.h"

#include "model/init.h"
#include "model/ops/bias.h"
#include "model/ops/cast.h"
#include "model/ops/conv2d.h"
#include "model/ops/matmul.h"

namespace rc {

std::string Layers::full_name(const std::string& leaf) const {
  return graph.scope().empty() ? leaf : graph.scope() + "." + leaf;
}

Value Layers::conv(Value x, const std::string& name, int64_t filters, int64_t size, int64_t stride,
                   int64_t pad) const {
  const Graph::Scope scope(graph, name);
  const std::string weight = full_name("weight");
  const Variable& w = graph.variables().parameter(weight, {filters, size, size, x.shape().back()},
                                                  kaiming_normal(seed, weight, filters * size * size));
  return conv2d(x, cast(graph.variable(w), x.desc().dtype), stride, pad);
}

Value Layers::norm(Value x, const std::string& name, Activation activation, Value residual) const {
  const Graph::Scope scope(graph, name);
  Variables& variables = graph.variables();
  const Shape channels = {x.shape().back()};
  const BatchNormVariables v{
      graph.variable(variables.parameter(full_name("weight"), channels, constant(1))),
      graph.variable(variables.parameter(full_name("bias"), channels, constant(0))),
      graph.variable(variables.buffer(full_name("running_mean"), {DType::f32, channels})),
      graph.variable(variables.buffer(full_name("running_var"), {DType::f32, channels}, constant(1)))};
  return batch_norm(x, v, activation, residual);
}

Value Layers::conv_norm(Value x, const ConvNorm& l, Value residual) const {
  return norm(conv(x, l.conv, l.filters, l.size, l.stride, l.pad), l.norm, l.activation, residual);
}

Value Layers::linear(Value x, const std::string& name, int64_t out, bool relu) const {
  const Graph::Scope scope(graph, name);
  const int64_t in = x.shape().back();
  const std::string weight = full_name("weight"), bias = full_name("bias");
  const Value w =
      graph.variable(graph.variables().parameter(weight, {out, in}, linear_uniform(seed, weight, in)));
  const Value b = graph.variable(graph.variables().parameter(bias, {out}, linear_uniform(seed, bias, in)));
  return add_bias(matmul(x, w, false, true), b, relu);
}

}  // namespace rc
