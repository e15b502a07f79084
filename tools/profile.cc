// realcentric profile: one step by op, each beside the least that the machine's own ceilings allow it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "tools/command.h"
#include "tools/machine_ceilings.h"
#include "tools/random_step.h"
#include "tools/step_config.h"
#include "train/detector_config.h"
#include "train/median.h"
#include "train/recompute.h"
#include "train/step_profile_json.h"
#include "train/step_profile_text.h"
#include "train/step_trace.h"
#include "train/table.h"

namespace rc {
namespace {

constexpr int kWarmUp = 2;

struct Options {
  StepKind kind = StepKind::training;
  GroupBy by = GroupBy::kind;
  int steps = 5, top = 20;
  std::filesystem::path trace;
  bool json = false;
};

void print(const std::string& title, const Device& device, const Ceilings& ceilings,
           const StepProfile& profile, const Options& o) {
  const double step = median(profile.steps);
  std::printf("%s\n%s\nceilings %s\n\n", title.c_str(), device.description().c_str(), ceilings.text.c_str());
  std::printf("%s\n%s\n", phase_bars(profile).c_str(), profile_table(profile, o.by, o.top).c_str());
  std::printf("%s ms a step, %s images/s: median of %zu, %s to %s ms\n\n%s", fixed(step * 1e3, 2).c_str(),
              fixed(double(profile.images) / step, 1).c_str(), profile.steps.size(),
              fixed(std::ranges::min(profile.steps) * 1e3, 2).c_str(),
              fixed(std::ranges::max(profile.steps) * 1e3, 2).c_str(), kWhatTheColumnsAre);
}

void profile(const Options& o, const StepFlags& flags) {
  const Config asked = config_of(flags, o.kind);
  const std::unique_ptr<Device> device = open_device(asked.device, asked.threads);
  Config config = with_recompute_chosen(*device, asked);
  const Ceilings ceilings = ceilings_of(device->name(), policy_of(config), config.threads);
  const std::unique_ptr<RandomStep> step = random_step(*device, config, o.kind);
  for (int i = 0; i < kWarmUp; ++i) step->run();
  const std::unique_ptr<Stopwatch> watch = device->stopwatch();
  for (int i = 0; i < o.steps; ++i) step->run(watch.get());
  const std::vector<double> marks = watch->read();

  const StepProfile result = profile_of(step->program(), step->images(), marks, ceilings.limit);
  if (o.kind == StepKind::inference) config.sampler.batch = int(step->images());  // at a time
  const std::string title = title_of(config, o.kind);
  if (!o.trace.empty()) {
    Trace trace;
    add_steps(trace, device->name(), result, marks, 1);
    trace.write(o.trace);
  }
  if (!o.json) return print(title, *device, ceilings, result, o);
  nlohmann::ordered_json out = {
      {"step", title}, {"device", device->description()}, {"ceilings", ceilings.text}};
  out.update(to_json(result));
  std::printf("%s\n", out.dump(2).c_str());
}

}  // namespace

void add_profile_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "profile",
      "Measure one step by op: time, FLOPs, bytes, and how far each is from the machine's ceilings");
  const StepFlags flags = add_step_flags(*command, {"device", "threads"});
  const auto options = std::make_shared<Options>();
  command->add_option("--mode", options->kind, "train or infer")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, StepKind>{{"train", StepKind::training}, {"infer", StepKind::inference}}))
      ->default_str("train");
  command->add_option("--by", options->by, "A line for each kind of op, each layer or each op")
      ->transform(CLI::CheckedTransformer(std::map<std::string, GroupBy>{
          {"kind", GroupBy::kind}, {"layer", GroupBy::layer}, {"op", GroupBy::op}}))
      ->default_str("kind");
  command->add_option("--top", options->top, "Lines, the longest first; the others are summed up")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--steps", options->steps, "Steps that are measured, after two more to warm up")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_option("--trace", options->trace, "Write the steps as a Perfetto trace as well")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "One JSON object, with every op");
  command->callback([options, flags] { profile(*options, flags); });
}

}  // namespace rc
