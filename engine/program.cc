#include "engine/program.h"

#include <algorithm>
#include <numeric>

#include "engine/planner.h"

namespace rc {

Program::Program(std::unique_ptr<Graph> graph)
    : graph_(std::move(graph)), constants_(graph_->constants_first()) {
  plan();
}

void Program::plan() {
  const auto& values = graph_->values();
  const auto& nodes = graph_->nodes();
  const int end = int(nodes.size());
  const auto planned = [&](int id) {
    return values[size_t(id)].kind == Graph::Kind::arena || values[size_t(id)].kind == Graph::Kind::input;
  };

  std::vector<int> first(values.size()), last(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    first[i] = std::max(values[i].producer, 0), last[i] = values[i].kept ? end : first[i];
  for (int n = 0; n < end; ++n)
    for (const Value& v : nodes[size_t(n)].in)
      if (v) last[size_t(v.id)] = std::max(last[size_t(v.id)], n);
  for (int n = constants_; n < end; ++n)  // read by every run
    for (const Value& v : nodes[size_t(n)].in)
      if (v && values[size_t(v.id)].producer >= 0 && values[size_t(v.id)].producer < constants_)
        last[size_t(v.id)] = end;

  // An output takes the memory of an input that dies with its op: both are one buffer.
  std::vector<int> buffer(values.size());
  std::iota(buffer.begin(), buffer.end(), 0);
  for (int n = 0; n < end; ++n) {
    const Node& node = nodes[size_t(n)];
    for (size_t o = 0; o < node.out.size(); ++o) {
      const int input = node.op->overwrites(int(o)), out = node.out[o].id;
      if (input < 0 || !node.in[size_t(input)] || values[size_t(out)].kind != Graph::Kind::arena) continue;
      const int in = node.in[size_t(input)].id, root = buffer[size_t(in)];
      const bool once = std::count(node.in.begin(), node.in.end(), node.in[size_t(input)]) == 1;
      if (values[size_t(in)].kind != Graph::Kind::arena || values[size_t(in)].kept ||
          last[size_t(root)] != n || last[size_t(in)] != n || !once)
        continue;
      if (values[size_t(in)].desc.bytes() != values[size_t(out)].desc.bytes()) continue;
      buffer[size_t(out)] = root;
      last[size_t(root)] = std::max(last[size_t(root)], last[size_t(out)]);
    }
  }

  buffers_.clear();
  std::vector<int> buffer_of(values.size(), -1);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!planned(int(i)) || buffer[i] != int(i)) continue;
    buffer_of[i] = int(buffers_.size());
    buffers_.push_back({.bytes = values[i].desc.bytes(),
                        .first = values[i].kind == Graph::Kind::input ? 0 : first[i],
                        .last = last[i],
                        .value = int(i)});
  }
  const size_t workspaces = buffers_.size();
  for (int n = 0; n < end; ++n)
    buffers_.push_back({.bytes = nodes[size_t(n)].op->workspace(), .first = n, .last = n});

  std::vector<Lifetime> lifetimes;
  for (const Buffer& b : buffers_) lifetimes.push_back({b.bytes, b.first, b.last});
  const Placement placement = place(lifetimes);
  for (size_t i = 0; i < buffers_.size(); ++i) buffers_[i].offset = placement.offset[i];
  arena_bytes_ = placement.peak;
  offset_.assign(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i)
    if (planned(int(i))) offset_[i] = buffers_[size_t(buffer_of[size_t(buffer[i])])].offset;
  workspace_offset_.assign(placement.offset.begin() + long(workspaces), placement.offset.end());

  alive_.assign(nodes.size(), 0);
  for (const Buffer& b : buffers_)
    for (int n = b.first; n <= std::min(b.last, end - 1); ++n) alive_[size_t(n)] += b.bytes;
}

void Program::prepare(const Memory& shared) {
  arena_ = shared.bytes() >= arena_bytes_ ? shared : graph_->device().reserve(arena_bytes_);
  arguments_.clear();
  for (size_t n = 0; n < graph_->nodes().size(); ++n) {
    const Node& node = graph_->nodes()[n];
    Arguments a;
    for (const Value& v : node.in) a.in.push_back(v ? tensor(v) : Tensor{});
    for (const Value& v : node.out) a.out.push_back(tensor(v));
    a.workspace = arena_.data() + workspace_offset_[n];
    arguments_.push_back(std::move(a));
  }
  ran_ = recorded_ = false;
  constants_due_ = true;
}

Tensor Program::tensor(Value v) const {
  const Graph::Entry& entry = graph_->values()[size_t(v.id)];
  switch (entry.kind) {
    case Graph::Kind::variable:
      return graph_->variables().tensor(*entry.variable);
    case Graph::Kind::gradient:
      return graph_->variables().gradient(*entry.variable);
    default:
      return {entry.desc, arena_.data() + offset_[size_t(v.id)]};
  }
}

void Program::queue_ops(int first, int last, Stopwatch* watch) {
  Device& device = graph_->device();
  for (size_t n = size_t(first); n < size_t(last); ++n) {
    const Node& node = graph_->nodes()[n];
    if (watch) watch->mark();
    device.enter_range(node.op->name());
    node.op->run(device, arguments_[n]);
    device.leave_range();
  }
  if (watch) watch->mark();
}

void Program::run(Stopwatch* watch) {
  check(arguments_.size() == graph_->nodes().size(), "a program runs after prepare()");
  const int end = int(arguments_.size());
  if (constants_due_) queue_ops(0, constants_, nullptr);
  constants_due_ = false;
  if (watch || !ran_) {
    for (int n = 0; watch && n < constants_; ++n) watch->mark();  // no part of a run
    return queue_ops(constants_, end, watch), void(ran_ = true);
  }
  if (!recording_)
    recording_ = graph_->device().record([this, end] { queue_ops(constants_, end, nullptr); });
  else if (!recorded_)
    recording_->update();
  recorded_ = true;
  recording_->replay();
}

double Program::flops() const {
  double total = 0;
  for (const Node& node : graph_->nodes())
    if (!node.constant) total += node.op->cost(node).flops;
  return total;
}

}  // namespace rc
