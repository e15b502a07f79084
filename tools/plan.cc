// realcentric plan: what a step would take and cost on a GPU that need not be there.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/gpu.h"
#include "tools/command.h"
#include "tools/step_config.h"
#include "train/arena_map.h"
#include "train/arena_svg.h"
#include "train/largest_batch.h"
#include "train/recompute.h"
#include "train/step_plan.h"
#include "train/step_plan_json.h"
#include "train/step_plan_text.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

// Left to the driver, CUDA's context and the libraries' code: an assumption.
constexpr double kNotOurs = double(1 << 30);

struct Options {
  std::string gpu;
  std::vector<std::string> compared;
  bool inference = false, ops = false, json = false;
  fs::path svg;

  StepKind kind() const { return inference ? StepKind::inference : StepKind::training; }
};

// Where a GPU's facts are from.
struct Source {
  Gpu gpu;
  std::string text;
};

Source gpu_of(const std::string& name) {
  constexpr uint64_t kLargest = 1 << 20;
  if (name.ends_with(".json")) return {gpu_of_json(read_file(name, kLargest), name), "described by " + name};
  if (const std::optional<int> ordinal = cuda_ordinal(name))
    return {gpu_of_json(real_gpu_json(*ordinal), name), "described by itself, " + name};
  return {known_gpu(name), "described from public specifications"};
}

// A plan with the largest batch that its GPU has room for.
PlannedGpu plan(const Source& source, const Config& asked, StepKind kind) {
  const std::unique_ptr<Device> device = described_gpu(source.gpu);
  std::fprintf(stderr, "planning for %s ...\n", source.gpu.name.c_str());
  const Config config = with_recompute_chosen(*device, asked);
  const TracedStep step = trace_step(*device, config, kind);
  const auto available = size_t(std::max(0.0, source.gpu.memory_bytes - kNotOurs));
  PlannedGpu out{plan_step(step, source.gpu), source.text, device->description(), available, 0, ""};
  if (kind == StepKind::training) out.recompute = recompute_text(*step.program, config);
  out.largest_batch = largest_planned_batch(*device, config, kind, step.bytes(), out.available);
  return out;
}

void print_one(const PlannedGpu& p, const Config& config, const Options& o) {
  const std::string title = title_of(config, o.kind());
  std::printf("%s\n%s: %s\n%s; no GPU was used. Planner: %s\n\n", title.c_str(), p.plan.gpu.name.c_str(),
              gpu_text(p.plan.gpu).c_str(), p.source.c_str(), p.planner.c_str());
  std::printf("%s\n", (o.ops ? op_table(p.plan) : layer_table(p.plan)).c_str());
  std::printf("%s\n%s\n%s\n", time_table(p.plan).c_str(), memory_table(p.plan).c_str(),
              arena_map(p.plan, 96, 16).c_str());
  if (!p.recompute.empty()) std::printf("Computed again on the way back: %s.\n\n", p.recompute.c_str());
  std::printf("%s", summary(p, o.inference ? 1 : config.sampler.views).c_str());
}

void run(const Options& o, const StepFlags& flags) {
  const Config config = config_of(flags, o.kind());
  std::vector<Source> gpus;
  for (const std::string& name : o.compared.empty() ? std::vector{o.gpu} : o.compared)
    gpus.push_back(gpu_of(name));
  std::vector<PlannedGpu> plans;
  for (const Source& gpu : gpus) plans.push_back(plan(gpu, config, o.kind()));

  if (!o.svg.empty())
    write_file(o.svg,
               arena_svg(plans[0].plan, title_of(config, o.kind()) + ", on " + plans[0].plan.gpu.name));
  if (o.json)
    std::printf("%s\n", to_json(plans, title_of(config, o.kind())).dump(2).c_str());
  else if (o.compared.empty())
    print_one(plans[0], config, o);
  else
    std::printf("%s; no GPU was used\n\n%s\n%s\n", title_of(config, o.kind()).c_str(),
                comparison_table(plans).c_str(), kWhatAnEstimateIs);
}

}  // namespace

void add_plan_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "plan", "Show what a step would take on a GPU, which need not be there: memory, engines, time at best");
  const StepFlags flags = add_step_flags(*command);
  const auto options = std::make_shared<Options>();
  std::string names;
  for (const std::string& name : known_gpus()) names += (names.empty() ? "" : ", ") + name;
  CLI::Option* gpu = command
                         ->add_option("--gpu", options->gpu,
                                      names + ", a description in a .json file, or cuda:N of this machine")
                         ->type_name("GPU");
  CLI::Option* compare =
      command->add_option("--compare", options->compared, "Several of them side by side, with commas")
          ->delimiter(',')
          ->type_name("GPU,GPU")
          ->excludes(gpu);
  command->add_flag("--inference", options->inference, "Plan inference instead of a training step");
  command->add_flag("--ops", options->ops, "A line for every op instead of every layer")->excludes(compare);
  command->add_option("--svg", options->svg, "Draw the arena over the step")
      ->type_name("FILE")
      ->excludes(compare);
  command->add_flag("--json", options->json, "One JSON object, with every op and every buffer");
  command->callback([options, flags] {
    if (options->gpu.empty() && options->compared.empty())
      throw Error(Exit::usage, "no GPU to plan for", "plan", "--gpu h100, or --compare a100,h100");
    run(*options, flags);
  });
}

}  // namespace rc
