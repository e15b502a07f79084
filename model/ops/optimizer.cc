#include "model/ops/optimizer.h"

#include "kernels/optimizer.h"

namespace rc {
namespace {

// Output: facts. Reads all gradients.
class GradientNormOp : public Op {
 public:
  GradientNormOp(Variables& variables, float clip_norm)
      : variables_(variables), clip_norm_(clip_norm), blocks_(flat_grid(variables.flat_size()).blocks) {}
  const char* name() const override { return "gradient_norm"; }
  size_t workspace() const override { return size_t(blocks_) * (sizeof(double) + sizeof(float)); }
  Cost cost(const Node&) const override {
    return {2.0 * double(variables_.flat_size()), 4.0 * double(variables_.flat_size())};
  }
  void run(Device& device, const Arguments& a) const override {
    auto* squares = static_cast<double*>(a.workspace);
    auto* non_finite = reinterpret_cast<float*>(squares + blocks_);
    launch(device.where(),
           GradientNormPartial{variables_.flat_gradients(), squares, non_finite, variables_.flat_size()});
    launch(device.where(), GradientNorm{squares, non_finite, a.out[0].as<float>(), blocks_, clip_norm_});
  }

 private:
  Variables& variables_;
  float clip_norm_;
  int64_t blocks_;
};

// Inputs: scalars, facts, moment1, moment2 (Adam). Writes all parameters.
class UpdateOp : public Op {
 public:
  UpdateOp(Variables& variables, const OptimizerOptions& options, int64_t objective_begin)
      : variables_(variables), o_(options), objective_begin_(objective_begin) {}
  const char* name() const override {
    return o_.kind == OptimizerOptions::Kind::sgd    ? "sgd"
           : o_.kind == OptimizerOptions::Kind::adam ? "adam"
                                                     : "adamw";
  }
  // As kernels/optimizer.h says of each.
  Cost cost(const Node&) const override {
    const auto n = double(variables_.flat_size());
    return o_.kind == OptimizerOptions::Kind::sgd ? Cost{6 * n, 20 * n} : Cost{15 * n, 28 * n};
  }
  void run(Device& device, const Arguments& a) const override {
    update(device, a, 0, objective_begin_, kStep);
    update(device, a, objective_begin_, variables_.flat_size(), kObjectiveStep);
  }

 private:
  void update(Device& device, const Arguments& a, int64_t begin, int64_t end, Scalar step) const {
    const float *gradient = variables_.flat_gradients() + begin, *scalars = a.in[0].as<float>(),
                *facts = a.in[1].as<float>();
    float *weights = variables_.flat_parameters() + begin, *moment1 = a.in[2].as<float>() + begin;
    if (o_.kind == OptimizerOptions::Kind::sgd)
      launch(device.where(), Sgd{gradient, weights, moment1, scalars, facts, end - begin, o_.momentum,
                                 o_.weight_decay, step});
    else
      launch(device.where(), Adam{gradient, weights, moment1, a.in[3].as<float>() + begin, scalars, facts,
                                  end - begin, o_.beta1, o_.beta2, o_.eps, o_.weight_decay,
                                  o_.kind == OptimizerOptions::Kind::adamw, step});
  }

  Variables& variables_;
  OptimizerOptions o_;
  int64_t objective_begin_;  // of the flat arrays
};

// Inputs: facts, average. Moves the average towards the parameters.
class MovingAverageOp : public Op {
 public:
  MovingAverageOp(Variables& variables, double decay) : variables_(variables), decay_(decay) {}
  const char* name() const override { return "moving_average"; }
  void run(Device& device, const Arguments& a) const override {
    launch(device.where(), MovingAverage{variables_.flat_parameters(), a.in[1].as<float>(),
                                         a.in[0].as<float>(), variables_.flat_size(), decay_});
  }

 private:
  Variables& variables_;
  double decay_;
};

}  // namespace

Value update_parameters(Graph& graph, Value scalars, const OptimizerOptions& options,
                        const std::string& objective_from) {
  Variables& variables = graph.variables();
  const Variable* first = variables.find(objective_from);
  check(objective_from.empty() || (first && first->trained), "no parameter of this name", objective_from);
  const int64_t begin = first ? int64_t(first->offset / sizeof(float)) : variables.flat_size();
  const Graph::Scope scope(graph, "optimizer");
  const TensorDesc flat = {DType::f32, {variables.flat_size()}};
  const Value facts = graph.add(std::make_shared<GradientNormOp>(variables, options.clip_norm), {},
                                TensorDesc{DType::f32, {kGradientFacts}});
  graph.keep(facts);
  std::vector<Value> in = {scalars, facts, graph.variable(variables.buffer(kMoment1, flat))};
  if (options.kind != OptimizerOptions::Kind::sgd)
    in.push_back(graph.variable(variables.buffer(kMoment2, flat)));
  graph.add(std::make_shared<UpdateOp>(variables, options, begin), in, std::vector<TensorDesc>{});
  if (options.ema_decay > 0)
    graph.add(std::make_shared<MovingAverageOp>(variables, options.ema_decay),
              {facts, graph.variable(variables.buffer(kAverage, flat))}, std::vector<TensorDesc>{});
  return facts;
}

}  // namespace rc
