#include "train/step_plan_json.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

Json facts(const Gpu& g) {
  return {{"name", g.name},
          {"capability", g.capability},
          {"multiprocessors", g.multiprocessors},
          {"memory_bytes", g.memory_bytes},
          {"memory_bandwidth", g.memory_bandwidth},
          {"fp32", g.fp32},
          {"tf32", g.tf32},
          {"bf16", g.bf16}};
}

Json facts(const PlannedOp& op) {
  return {{"scope", op.scope},
          {"name", op.name},
          {"phase", name_of(op.phase)},
          {"engine", op.engine},
          {"flops", op.flops},
          {"bytes", op.bytes},
          {"workspace", op.workspace},
          {"alive", op.alive},
          {"seconds", op.time.seconds},
          {"bound", name_of(op.time.bound)},
          {"tensor_cores", op.time.tensor_cores}};
}

Json facts(const PlannedBuffer& b) {
  return {{"name", b.name},   {"kind", name_of(b.kind)}, {"offset", b.offset},
          {"bytes", b.bytes}, {"first", b.first},        {"last", b.last}};
}

Json facts(const StepMemory& m) {
  return {{"arena", m.arena},         {"parameters", m.parameters}, {"gradients", m.gradients},
          {"optimizer", m.optimizer}, {"buffers", m.buffers},       {"staging", m.staging},
          {"total", m.total()}};
}

template <class T>
Json list(const std::vector<T>& items) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(facts(item));
  return out;
}

}  // namespace

Json to_json(const std::vector<PlannedGpu>& plans, const std::string& step) {
  Json out = {{"step", step}, {"estimate", true}, {"plans", Json::array()}};
  for (const PlannedGpu& p : plans)
    out["plans"].push_back({{"gpu", facts(p.plan.gpu)},
                            {"source", p.source},
                            {"planner", p.planner},
                            {"memory", facts(p.plan.memory)},
                            {"available", p.available},
                            {"largest_batch", p.largest_batch},
                            {"images", p.plan.images},
                            {"seconds", p.plan.seconds()},
                            {"images_per_second", p.plan.images_per_second()},
                            {"ops", list(p.plan.ops)},
                            {"buffers", list(p.plan.buffers)}});
  return out;
}

}  // namespace rc
