#include "train/step_plan_text.h"

#include <algorithm>

#include "train/table.h"

namespace rc {
namespace {

std::string mebibytes(double bytes, int digits = 1) { return fixed(bytes / double(1 << 20), digits); }
std::string gibibytes(size_t bytes) { return fixed(double(bytes) / double(1 << 30), 2) + " GiB"; }
std::string microseconds(double seconds) { return fixed(seconds * 1e6, 1); }
std::string or_nothing(double value, const std::string& text) { return value > 0 ? text : ""; }

std::string batch_text(int64_t batch) { return batch > 0 ? std::to_string(batch) : "none"; }

constexpr int kLayerBar = 12;  // characters for the longest layer

std::string layer_of(const PlannedOp& op) { return op.scope.empty() ? kind_of(op) : op.scope; }

// Marked where the policy would have tensor cores and the engine leaves them alone.
std::string engine_of(const StepPlan& plan, const PlannedOp& op) {
  const bool wanted = plan.policy.precision == DType::bf16 || plan.policy.tf32;
  return op.engine + (!op.engine.empty() && wanted && !op.time.tensor_cores ? "*" : "");
}

std::string footnote(const std::string& table) {
  return table.find('*') == std::string::npos ? table : table + "* without tensor cores\n";
}

// What one layer's ops take in a phase, and which engine does a direction of its convolution.
struct Layer {
  double forward = 0, again = 0, backward = 0;
  std::string engines[3];  // of y, of dx, of dw

  std::string engines_text() const {
    std::string out;
    for (const std::string& engine : engines)
      out += (out.empty() ? "" : "  ") + (engine.empty() ? std::string("–") : engine);
    return engines[0].empty() ? "" : out;
  }
};

Layer layer(const StepPlan& plan, const std::string& name) {
  Layer out;
  for (const PlannedOp& op : plan.ops) {
    if (layer_of(op) != name) continue;
    (op.phase == Phase::forward      ? out.forward
     : op.phase == Phase::recomputed ? out.again
                                     : out.backward) += op.time.seconds;
    if (op.name == "conv2d.data_grad")
      out.engines[1] = engine_of(plan, op);
    else if (op.name == "conv2d.weight_grad")
      out.engines[2] = engine_of(plan, op);
    else if (op.phase == Phase::forward && !op.engine.empty())
      out.engines[0] = engine_of(plan, op);
  }
  return out;
}

}  // namespace

std::string gpu_text(const Gpu& gpu) {
  return fixed(gpu.memory_bytes / double(1 << 30), 1) + " GiB at " + fixed(gpu.memory_bandwidth * 1e-12, 2) +
         " TB/s, " + fixed(gpu.bf16 * 1e-12, 0) + " TFLOP/s bf16, " + fixed(gpu.tf32 * 1e-12, 0) + " tf32, " +
         fixed(gpu.fp32 * 1e-12, 0) + " fp32";
}

std::string layer_table(const StepPlan& plan) {
  const std::vector<PlanShare> layers = shares(plan, layer_of);
  double longest = 0;
  for (const PlanShare& share : layers) longest = std::max(longest, share.seconds);
  Table table({"layer", "µs", std::string(kLayerBar, ' '), "forward", "again", "backward", "bound by",
               "GFLOP", "MiB moved", "scratch", "engines: y, dx, dw"});
  for (const PlanShare& share : layers) {
    const Layer l = layer(plan, share.name);
    table.add({share.name, microseconds(share.seconds), bar(share.seconds / longest, kLayerBar),
               or_nothing(l.forward, microseconds(l.forward)), or_nothing(l.again, microseconds(l.again)),
               or_nothing(l.backward, microseconds(l.backward)), name_of(share.bound()),
               or_nothing(share.flops, fixed(share.flops * 1e-9, 2)), mebibytes(share.bytes),
               or_nothing(double(share.workspace), mebibytes(double(share.workspace))), l.engines_text()});
  }
  return footnote(table.text());
}

std::string op_table(const StepPlan& plan) {
  Table table(
      {"op", "", "phase", "µs", "bound by", "GFLOP", "MiB moved", "scratch MiB", "MiB alive", "engine"});
  for (size_t i = 0; i < plan.ops.size(); ++i) {
    const PlannedOp& op = plan.ops[i];
    table.add({std::to_string(i) + " " + op.scope, op.name, name_of(op.phase), microseconds(op.time.seconds),
               name_of(op.time.bound), or_nothing(op.flops, fixed(op.flops * 1e-9, 3)), mebibytes(op.bytes),
               or_nothing(double(op.workspace), mebibytes(double(op.workspace))), mebibytes(double(op.alive)),
               engine_of(plan, op)});
  }
  return footnote(table.text());
}

std::string time_table(const StepPlan& plan) {
  constexpr int kBar = 40;
  constexpr double kSmall = 0.005;  // of the step: kinds below are one line
  const double all = plan.seconds();
  std::vector<PlanShare> kinds = shares(plan, kind_of);
  std::ranges::stable_sort(kinds, std::greater(), &PlanShare::seconds);
  PlanShare others{.name = "all others"};
  Table table({"where the time goes", "ms", "", std::string(kBar, ' '), "bound by", "ops"});
  const auto add = [&](const PlanShare& kind) {
    table.add({kind.name, fixed(kind.seconds * 1e3, 3), fixed(100 * kind.seconds / all, 1) + " %",
               bar(kind.seconds / all, kBar), name_of(kind.bound()), std::to_string(kind.ops)});
  };
  for (const PlanShare& kind : kinds) {
    if (kind.seconds >= kSmall * all)
      add(kind);
    else
      others.ops += kind.ops, others.seconds += kind.seconds, others.compute_seconds += kind.compute_seconds;
  }
  if (others.ops > 0) add(others);

  std::string phases;
  for (const PlanShare& phase : shares(plan, [](const PlannedOp& op) { return name_of(op.phase); }))
    phases += (phases.empty() ? "" : ", ") + phase.name + " " + fixed(100 * phase.seconds / all, 1) + " %";
  return table.text() + "\n" + phases + "\n";
}

std::string memory_table(const StepPlan& plan) {
  const StepMemory& m = plan.memory;
  Table table({"what takes the memory", "MiB", ""});
  const auto add = [&](const std::string& name, size_t bytes, const std::string& what) {
    if (bytes > 0) table.add({name, mebibytes(double(bytes)), what});
  };
  add("parameters", m.parameters, "");
  add("their gradients", m.gradients, "");
  add("optimiser", m.optimizer, "");
  add("buffers", m.buffers, "");
  add("inputs of the next step", m.staging, "");
  add("arena", m.arena, "");
  const size_t op = plan.peak_op();
  const std::vector<size_t> kinds = plan.alive_by_kind(op);
  size_t alive = 0;
  for (int kind = 0; kind < kBufferKinds; ++kind) {
    alive += kinds[size_t(kind)];
    add(std::string("  ") + name_of(BufferKind(kind)), kinds[size_t(kind)],
        fixed(100 * double(kinds[size_t(kind)]) / double(m.arena), 1) + " %");
  }
  add("  gaps", m.arena - alive, fixed(100 * double(m.arena - alive) / double(m.arena), 1) + " %");
  add("all", m.total(), "");
  const PlannedOp& peak = plan.ops[op];
  return table.text() + "\nThe arena is fullest at op " + std::to_string(op) + ", " +
         (peak.scope.empty() ? "" : peak.scope + " ") + peak.name + " (" + name_of(peak.phase) + ").\n";
}

const char* const kWhatAnEstimateIs =
    "An estimate, not a measurement: every op at its roofline, at the peak of the arithmetic or of the "
    "memory, and nothing\nlost between them. It leaves out launches and the host, which cost time, and "
    "caches and fast algorithms, which save some.";

std::string summary(const PlannedGpu& p, int views) {
  const std::string of_views = views > 1 ? " x " + std::to_string(views) + " views" : "";
  const size_t needs = p.plan.memory.total();
  std::string out = needs <= p.available ? "fits     " : "too large: ";
  out += "it takes " + gibibytes(needs) + " of " + gibibytes(p.available) +
         "; the largest batch that fits is " + batch_text(p.largest_batch) + of_views + "\n";
  out += "speed    at most " + fixed(p.plan.images_per_second(), 0) + " images/s, " +
         fixed(p.plan.seconds() * 1e3, 2) + " ms a step\n\n";
  return out + kWhatAnEstimateIs + "\n";
}

std::string comparison_table(const std::vector<PlannedGpu>& plans) {
  std::vector<std::string> header = {""};
  for (const PlannedGpu& p : plans) header.push_back(p.plan.gpu.name);
  Table table(header);
  const auto row = [&](const std::string& name, const auto& cell) {
    std::vector<std::string> cells = {name};
    for (const PlannedGpu& p : plans) cells.push_back(cell(p));
    table.add(cells);
  };
  row("memory, GiB", [](const PlannedGpu& p) { return fixed(p.plan.gpu.memory_bytes / (1 << 30), 1); });
  row("  this step takes, GiB",
      [](const PlannedGpu& p) { return fixed(double(p.plan.memory.total()) / (1 << 30), 2); });
  row("  of that the arena, MiB", [](const PlannedGpu& p) { return mebibytes(double(p.plan.memory.arena)); });
  row("  largest batch", [](const PlannedGpu& p) { return batch_text(p.largest_batch); });
  row("images/s, at most", [](const PlannedGpu& p) { return fixed(p.plan.images_per_second(), 0); });
  row("ms a step, at least", [](const PlannedGpu& p) { return fixed(p.plan.seconds() * 1e3, 3); });

  std::vector<PlanShare> kinds;  // of all plans, by their time on the first
  for (const PlannedGpu& p : plans)
    for (const PlanShare& kind : shares(p.plan, kind_of))
      if (std::ranges::find(kinds, kind.name, &PlanShare::name) == kinds.end()) kinds.push_back(kind);
  std::ranges::stable_sort(kinds, std::greater(), &PlanShare::seconds);
  constexpr size_t kMost = 6;
  kinds.resize(std::min(kinds.size(), kMost));
  for (const PlanShare& kind : kinds)
    row("  " + kind.name, [&](const PlannedGpu& p) {
      const auto all = shares(p.plan, kind_of);
      const auto share = std::ranges::find(all, kind.name, &PlanShare::name);
      if (share == all.end()) return std::string("–");
      return std::string(name_of(share->bound())) + "  " + fixed(share->seconds * 1e3, 3);
    });
  row("time bound by compute", [](const PlannedGpu& p) {
    double compute = 0;
    for (const PlannedOp& op : p.plan.ops) compute += op.time.bound == Bound::compute ? op.time.seconds : 0;
    return fixed(100 * compute / p.plan.seconds(), 1) + " %";
  });
  return table.text();
}

}  // namespace rc
