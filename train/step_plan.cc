#include "train/step_plan.h"

#include <algorithm>

namespace rc {
namespace {

PlannedOp planned_op(const Node& node, size_t alive, const Policy& policy, const Gpu& gpu) {
  const Cost cost = node.constant ? Cost{} : node.op->cost(node);  // of every run
  return {.scope = node.scope,
          .name = node.op->name(),
          .engine = node.op->detail(),
          .phase = node.phase,
          .flops = cost.flops,
          .bytes = cost.bytes,
          .workspace = node.op->workspace(),
          .alive = alive,
          .time = roofline(cost, policy, gpu)};
}

PlannedBuffer planned_buffer(const Graph& graph, const Buffer& b) {
  PlannedBuffer out;
  out.offset = b.offset, out.bytes = b.bytes;
  out.first = b.first, out.last = std::min(b.last, int(graph.nodes().size()) - 1);
  if (b.value < 0) {
    out.kind = BufferKind::workspace, out.name = title_of(graph.nodes()[size_t(b.first)]);
    return out;
  }
  const Graph::Entry& value = graph.values()[size_t(b.value)];
  if (value.kind == Graph::Kind::input) {
    out.kind = BufferKind::input, out.name = value.desc.shape.text() + " " + name_of(value.desc.dtype);
    return out;
  }
  const Node& producer = graph.nodes()[size_t(value.producer)];
  const bool forth = producer.phase == Phase::forward || producer.phase == Phase::recomputed;
  out.kind = forth ? BufferKind::activation : BufferKind::gradient, out.name = title_of(producer);
  return out;
}

}  // namespace

const char* name_of(Bound bound) { return bound == Bound::compute ? "compute" : "memory"; }

const char* name_of(BufferKind kind) {
  switch (kind) {
    case BufferKind::input:
      return "input";
    case BufferKind::activation:
      return "activation";
    case BufferKind::gradient:
      return "gradient";
    case BufferKind::workspace:
      return "workspace";
  }
  return "?";
}

Roofline roofline(const Cost& cost, const Policy& policy, const Gpu& gpu) {
  const bool bf16 = cost.product == DType::bf16, tensor_cores = bf16 || (cost.product && policy.tf32);
  const double peak = bf16 ? gpu.bf16 : tensor_cores ? gpu.tf32 : gpu.fp32;
  const double compute = cost.flops / peak, memory = cost.bytes / gpu.memory_bandwidth;
  return {std::max(compute, memory), compute > memory ? Bound::compute : Bound::memory, tensor_cores};
}

StepPlan::Turns StepPlan::turns() const {
  const auto first = [&](auto&& belongs) { return int(std::ranges::find_if(ops, belongs) - ops.begin()); };
  return {first([](const PlannedOp& op) { return op.phase != Phase::forward; }),
          first([](const PlannedOp& op) { return op.phase == Phase::update; })};
}

double StepPlan::flops() const {
  double total = 0;
  for (const PlannedOp& op : ops) total += op.flops;
  return total;
}

double StepPlan::seconds() const {
  double total = 0;
  for (const PlannedOp& op : ops) total += op.time.seconds;
  return total;
}

size_t StepPlan::peak_op() const {
  return size_t(std::ranges::max_element(ops, {}, &PlannedOp::alive) - ops.begin());
}

std::vector<size_t> StepPlan::alive_by_kind(size_t op) const {
  std::vector<size_t> bytes(kBufferKinds);
  for (const PlannedBuffer& b : buffers)
    if (b.first <= int(op) && int(op) <= b.last) bytes[size_t(b.kind)] += b.bytes;
  return bytes;
}

StepPlan plan_step(const TracedStep& step, const Gpu& gpu) {
  const Program& program = *step.program;
  const Graph& graph = program.graph();
  StepPlan plan;
  plan.gpu = gpu, plan.policy = graph.policy(), plan.images = step.images,
  plan.memory = memory_of(*step.program);
  for (size_t n = 0; n < graph.nodes().size(); ++n)
    plan.ops.push_back(planned_op(graph.nodes()[n], program.alive()[n], graph.policy(), gpu));
  for (const Buffer& b : program.buffers())
    if (b.bytes > 0) plan.buffers.push_back(planned_buffer(graph, b));
  return plan;
}

std::vector<PlanShare> shares(const StepPlan& plan,
                              const std::function<std::string(const PlannedOp&)>& name) {
  std::vector<PlanShare> out;
  for (const PlannedOp& op : plan.ops) {
    const std::string key = name(op);
    auto share = std::ranges::find(out, key, &PlanShare::name);
    if (share == out.end()) share = out.insert(share, {.name = key});
    share->ops += 1, share->seconds += op.time.seconds;
    if (op.time.bound == Bound::compute) share->compute_seconds += op.time.seconds;
    share->flops += op.flops, share->bytes += op.bytes;
    share->workspace = std::max(share->workspace, op.workspace);
  }
  return out;
}

std::string kind_of(const PlannedOp& op) { return op.name.substr(0, op.name.find('.')); }

}  // namespace rc
