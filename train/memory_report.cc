#include "train/memory_report.h"

#include "train/largest_batch.h"
#include "train/table.h"

namespace rc {
namespace {

std::string mebibytes(size_t bytes) { return fixed(double(bytes) / double(1 << 20), 0); }

size_t free_to_a_run(const Device& device) { return device.available() + device.reserved(); }

// The CPU's plans take milliseconds, so there the answer is planned; on a GPU it is an estimate.
int64_t largest(const Program& program, const Config& config) {
  Device& device = program.graph().device();
  const size_t bytes = memory_of(program).total(), free = free_to_a_run(device);
  if (!device.asynchronous()) return largest_planned_batch(device, config, StepKind::training, bytes, free);
  return MemoryOutline(device, config, StepKind::training, bytes).largest(free);
}

std::string batch_text(int64_t batch, const Config& config) {
  return std::to_string(batch) + " images" +
         (config.sampler.views > 1 ? " x " + std::to_string(config.sampler.views) + " views" : "");
}

}  // namespace

std::string memory_text(const Program& program) {
  const StepMemory m = memory_of(program);
  std::string out = mebibytes(m.total()) + " MiB: arena " + mebibytes(m.arena);
  if (!program.graph().nodes().empty())
    out += " (fullest at " + title_of(program.graph().nodes()[fullest_node(program)]) + ")";
  const auto add = [&](const char* name, size_t bytes) {
    if (bytes >= size_t(1) << 19) out += std::string(", ") + name + " " + mebibytes(bytes);
  };
  add("parameters", m.parameters), add("gradients", m.gradients), add("optimiser", m.optimizer);
  add("buffers", m.buffers), add("inputs on their way", m.staging);
  return out;
}

std::string largest_batch_text(const Program& program, const Config& config) {
  const int64_t batch = largest(program, config);
  const std::string free = mebibytes(free_to_a_run(program.graph().device())) + " MiB";
  return batch > 0 ? "about " + batch_text(batch, config) + " in the " + free + " that are free"
                   : "none in the " + free + " that are free";
}

Error out_of_memory(const Program& program, const Config& config, const Error& cause) {
  const StepMemory m = memory_of(program);
  const Device& device = program.graph().device();
  const int64_t fits = largest(program, config);
  std::string hint = "smaller images, --precision bf16 or --recompute blocks need less";
  if (fits >= config.sampler.batch)
    hint = cause.what();
  else if (fits > 0)
    hint = "the largest batch that fits is about " + batch_text(fits, config) + ", -b " +
           std::to_string(fits) + "; " + hint;
  return Error(Exit::memory,
               "the step needs " + mebibytes(m.total()) + " MiB (arena " + mebibytes(m.arena) +
                   ", variables " + mebibytes(m.variables()) + "), " + mebibytes(free_to_a_run(device)) +
                   " MiB are free",
               device.name() + " at a batch of " + batch_text(config.sampler.batch, config), hint);
}

}  // namespace rc
