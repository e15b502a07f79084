#include "train/step_trace.h"

namespace rc {
namespace {

// What is computed again is on the way back, between its other ops.
std::string way_of(Phase phase) { return name_of(phase == Phase::recomputed ? Phase::backward : phase); }

Trace::Facts facts(const ProfiledOp& op, double seconds) {
  Trace::Facts out = {{"layer", op.scope},
                      {"phase", std::string(name_of(op.phase))},
                      {"flops", op.cost.flops},
                      {"bytes", op.cost.bytes},
                      {"bound by", std::string(name_of(op.limit.bound))}};
  if (!op.engine.empty()) out.emplace_back("engine", op.engine);
  if (seconds <= 0) return out;  // shorter than the clock's tick
  out.emplace_back("GFLOP/s", op.cost.flops / seconds * 1e-9);
  out.emplace_back("GB/s", op.cost.bytes / seconds * 1e-9);
  out.emplace_back("% of limit", 100 * op.limit.seconds / seconds);
  return out;
}

}  // namespace

void add_steps(Trace& trace, const std::string& name, const StepProfile& profile,
               std::span<const double> marks, int64_t first) {
  const int track = trace.track(name);
  const std::vector<ProfiledOp>& ops = profile.ops;
  const size_t steps = profile.steps.size(), per_step = marks.size() / steps;
  for (size_t s = 0; s < steps; ++s) {
    // The first marks are those of constants.
    const std::span<const double> at = marks.subspan(s * per_step, per_step).last(ops.size() + 1);
    trace.span(track, "step", "step", at.front(), at.back(), {{"step", double(first + int64_t(s))}});
    for (size_t begin = 0, end = 0; begin < ops.size(); begin = end) {
      const std::string way = way_of(ops[begin].phase);
      while (end < ops.size() && way_of(ops[end].phase) == way) ++end;
      trace.span(track, way, "phase", at[begin], at[end]);
    }
    for (size_t n = 0; n < ops.size(); ++n) {
      trace.span(track, ops[n].name, "op", at[n], at[n + 1], facts(ops[n], at[n + 1] - at[n]));
      trace.value("arena, MiB taken", at[n], double(ops[n].alive) / double(1 << 20));
    }
    trace.value("arena, MiB taken", at.back(), 0);
  }
}

}  // namespace rc
