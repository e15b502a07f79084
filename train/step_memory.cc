#include "train/step_memory.h"

#include <algorithm>

#include "model/ops/optimizer.h"

namespace rc {
namespace {

bool optimizer_state(const std::string& name) {
  return name == kMoment1 || name == kMoment2 || name == kAverage;
}

}  // namespace

StepMemory memory_of(const Program& program) {
  const Graph& graph = program.graph();
  StepMemory m;
  m.arena = program.arena_bytes();
  for (const auto& v : graph.variables().all()) {
    const size_t bytes = (v->desc.bytes() + 63) / 64 * 64;  // as Variables lays them out
    (v->trained ? m.parameters : optimizer_state(v->name) ? m.optimizer : m.buffers) += bytes;
  }
  m.gradients = m.parameters;
  if (!graph.device().asynchronous()) return m;  // it needs no buffers to run ahead
  for (const Graph::Entry& value : graph.values())
    if (value.kind == Graph::Kind::input) m.staging += 2 * value.desc.bytes();  // two buffers take turns
  return m;
}

size_t fullest_node(const Program& program) {
  return size_t(std::ranges::max_element(program.alive()) - program.alive().begin());
}

std::string title_of(const Node& node) {
  return (node.scope.empty() ? "" : node.scope + " ") + node.op->name();
}

}  // namespace rc
