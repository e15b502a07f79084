#include "engine/graph.h"

#include <algorithm>
#include <utility>

namespace rc {

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::forward:
      return "forward";
    case Phase::recomputed:
      return "recomputed";
    case Phase::backward:
      return "backward";
    case Phase::update:
      return "update";
  }
  return "?";
}

const TensorDesc& Value::desc() const { return graph->values()[size_t(id)].desc; }

Cost Op::cost(const Node& node) const {
  Cost cost;
  for (const auto* side : {&node.in, &node.out})
    for (const Value& v : *side)
      if (v) cost.bytes += double(v.desc().bytes());
  return cost;
}

std::vector<Value> Op::gradient(Graph&, const Node& node, std::span<const Value>) const {
  throw Error(Exit::internal, std::string("op ") + name() + " has no gradient", node.scope);
}

Value Graph::input(const TensorDesc& desc) {
  values_.push_back({.desc = desc, .kind = Kind::input});
  return {this, int(values_.size()) - 1};
}

Value Graph::variable(const Variable& variable) {
  for (size_t i = 0; i < values_.size(); ++i)
    if (values_[i].kind == Kind::variable && values_[i].variable == &variable) return {this, int(i)};
  values_.push_back({.desc = variable.desc,
                     .kind = Kind::variable,
                     .variable = &variable,
                     .differentiable = variable.trained});
  return {this, int(values_.size()) - 1};
}

std::vector<Value> Graph::add(std::shared_ptr<const Op> op, std::vector<Value> in,
                              std::vector<TensorDesc> out) {
  Node node{std::move(op), std::move(in), {}, scope_, phase_, block_};
  bool differentiable = false;
  for (const Value& v : node.in)
    differentiable = differentiable || (v && values_[size_t(v.id)].differentiable);
  for (const TensorDesc& desc : out) {
    values_.push_back({.desc = desc, .producer = int(nodes_.size()), .differentiable = differentiable});
    node.out.push_back({this, int(values_.size()) - 1});
  }
  nodes_.push_back(std::move(node));
  return nodes_.back().out;
}

int Graph::constants_first() {
  if (training_) return 0;
  const auto constant = [&](const Value& v) {
    const Entry& entry = values_[size_t(v.id)];
    return entry.kind == Kind::variable || (entry.producer >= 0 && nodes_[size_t(entry.producer)].constant);
  };
  for (Node& node : nodes_)
    node.constant =
        std::ranges::all_of(node.in, [&](const Value& v) { return !v || constant(v); }) && !node.in.empty();
  std::stable_partition(nodes_.begin(), nodes_.end(), [](const Node& node) { return node.constant; });
  for (size_t n = 0; n < nodes_.size(); ++n)
    for (const Value& v : nodes_[n].out) values_[size_t(v.id)].producer = int(n);
  return int(std::ranges::count_if(nodes_, &Node::constant));
}

void Graph::keep(Value v) { values_[size_t(v.id)].kept = true; }

bool Graph::needs_gradient(Value v) const { return v && values_[size_t(v.id)].differentiable; }

bool Graph::computed_again(Value v) const {
  const int producer = values_[size_t(v.id)].producer;
  if (producer < 0 || values_[size_t(v.id)].kept) return false;
  const Node& node = nodes_[size_t(producer)];
  const bool in_block = node.block >= 0 && node.block < recomputed_blocks_;
  return in_block ? node.op->repeatable() && !leaves_[size_t(v.id)] : node.op->recomputed();
}

Value Graph::saved(Value v) {
  if (!computed_again(v)) return v;
  const int producer = values_[size_t(v.id)].producer;
  if (recomputed_.size() <= size_t(v.id)) recomputed_.resize(size_t(v.id) + 1);
  if (recomputed_[size_t(v.id)]) return recomputed_[size_t(v.id)];
  const Node& node = nodes_[size_t(producer)];
  std::vector<Value> in;
  for (const Value& input : node.in) in.push_back(input ? saved(input) : input);
  std::vector<TensorDesc> descs;
  for (const Value& out : node.out) descs.push_back(out.desc());
  const std::string asking = std::exchange(scope_, node.scope);
  phase_ = Phase::recomputed;
  const std::vector<Value> again = add(node.op, in, descs);
  phase_ = Phase::backward;
  scope_ = asking;
  for (size_t i = 0; i < again.size(); ++i) {
    if (recomputed_.size() <= size_t(node.out[i].id)) recomputed_.resize(size_t(node.out[i].id) + 1);
    recomputed_[size_t(node.out[i].id)] = again[i];
  }
  return recomputed_[size_t(v.id)];
}

void Graph::backward(std::span<const Value> losses, const std::function<Value(Value, Value)>& join) {
  check(training_, "a graph of an inference has no gradients: its ops keep nothing for them");
  const int forward_nodes = int(nodes_.size());
  phase_ = Phase::backward;
  leaves_.assign(values_.size(), false);
  for (const Node& node : nodes_)
    for (const Value& v : node.in) {
      const int producer = v ? values_[size_t(v.id)].producer : -1;
      if (producer >= 0 && nodes_[size_t(producer)].block != node.block) leaves_[size_t(v.id)] = true;
    }
  std::vector<Value> gradients(values_.size());
  for (const Value& loss : losses) gradients[size_t(loss.id)] = loss;  // reached; its op knows its own weight

  for (int i = forward_nodes - 1; i >= 0; --i) {
    const Node& node = nodes_[size_t(i)];
    std::vector<Value> out_gradients;
    bool reached = false, wanted = false;
    for (const Value& v : node.out) {
      out_gradients.push_back(gradients[size_t(v.id)]);
      reached = reached || out_gradients.back();
    }
    for (const Value& v : node.in) wanted = wanted || needs_gradient(v);
    if (!reached || !wanted) continue;

    const Scope scope(*this, node.scope);
    const std::vector<Value> in_gradients = node.op->gradient(*this, node, out_gradients);
    check(in_gradients.size() == node.in.size(), "an op gives one gradient an input", node.op->name());
    for (size_t j = 0; j < node.in.size(); ++j) {
      if (!in_gradients[j] || !needs_gradient(node.in[j])) continue;
      check(in_gradients[j].shape() == node.in[j].shape(), "a gradient has the shape of its value",
            node.op->name());
      Value& sum = gradients[size_t(node.in[j].id)];
      sum = sum ? join(sum, in_gradients[j]) : in_gradients[j];
    }
  }

  for (size_t i = 0; i < gradients.size(); ++i) {
    const Entry& entry = values_[i];
    if (entry.kind != Kind::variable || !entry.variable->trained || !gradients[i]) continue;
    Entry& gradient = values_[size_t(gradients[i].id)];
    check(gradient.kind == Kind::arena && gradient.producer >= 0,
          "a parameter's gradient is an op's own output", entry.variable->name);
    gradient.kind = Kind::gradient;
    gradient.variable = entry.variable;
  }
  phase_ = Phase::update;
}

}  // namespace rc
