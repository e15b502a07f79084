// realcentric train: a detector from a corpus.
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/arguments.h"
#include "tools/command.h"
#include "tools/config_flags.h"
#include "tools/machine_ceilings.h"
#include "train/fit.h"

namespace rc {
namespace {

struct Options {
  bool resume = false, force = false, print_config = false;
  ProfiledSteps profiled;
};

// "A:B", or "A" for one step.
void read_steps(const std::string& text, ProfiledSteps& steps) {
  const char* const end = text.data() + text.size();
  const auto [first_end, error] = std::from_chars(text.data(), end, steps.first);
  steps.last = steps.first;
  bool read = error == std::errc();
  if (read && first_end != end) {
    const auto [last_end, last_error] = std::from_chars(first_end + 1, end, steps.last);
    read = *first_end == ':' && last_error == std::errc() && last_end == end;
  }
  if (!read || steps.first < 1 || steps.last < steps.first)
    throw Error(Exit::usage, "not a range of steps: \"" + text + "\"", "--profile-steps",
                "20:25 profiles steps 20 to 25; the first is 1");
}

// What a resumed run starts from is what it was started with; the command line may stop it earlier or later,
// or go on elsewhere with the same data.
ConfigSources resumed(ConfigSources sources) {
  std::string out;
  for (const auto& [key, text] : sources.flags)
    if (key == "out") out = text;
  if (out.empty())
    throw Error(Exit::usage, "--resume needs the run folder", "train",
                "realcentric train --resume -o runs/NAME");
  if (!sources.file.empty())
    throw Error(Exit::usage, "--resume goes on with the run's own configuration", "--config",
                "leave --config out");
  for (const auto& [key, text] : sources.flags) {
    const bool free = key == "out" || key == "max_steps" || key == "time_limit" || key.starts_with("log.") ||
                      key == "data.workers" || key == "data.prefetch" || key == "data.path" ||
                      key == "data.root" || key == "data.path_map" || key == "device" || key == "recompute";
    if (!free)
      throw Error(Exit::usage, "a resumed run cannot change " + key, "--resume",
                  "start a new run for other settings");
  }
  if (!sources.set.empty())
    throw Error(Exit::usage, "a resumed run cannot change its settings", "--set",
                "start a new run for other settings");
  sources.file = std::filesystem::path(out) / "config.json";
  if (!std::filesystem::exists(sources.file))
    throw Error(Exit::usage, "no run to resume in " + out, "--resume", "its config.json is missing");
  // Where the run was stopped is not where it is to stop now.
  bool limits_steps = false, limits_time = false;
  for (const auto& [key, text] : sources.flags)
    limits_steps |= key == "max_steps", limits_time |= key == "time_limit";
  if (!limits_steps) sources.flags.emplace_back("max_steps", "0");
  if (!limits_time) sources.flags.emplace_back("time_limit", "0");
  return sources;
}

}  // namespace

void add_train_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("train", "Train a detector (real-centric consistency learning, a reconstruction)");
  const auto sources = add_config_flags(*command);
  const auto options = std::make_shared<Options>();
  command->add_flag("--resume", options->resume, "Go on from the last checkpoint of the run folder -o");
  command->add_flag("--force", options->force, "Replace a run folder that exists");
  command->add_flag("--print-config", options->print_config, "Print the resolved configuration and stop");
  command
      ->add_option_function<std::string>(
          "--profile-steps", [options](const std::string& text) { read_steps(text, options->profiled); },
          "Time these steps by op, as 20:25: profile.txt and trace.json in the run folder")
      ->type_name("A:B");
  command->callback([sources, options] {
    if (options->resume && options->force)
      throw Error(Exit::usage, "--resume and --force exclude each other", "train");
    const Config config = load_config(options->resume ? resumed(*sources) : *sources);
    if (options->print_config) {
      std::printf("%s\n", to_json(config).dump(2).c_str());
      return;
    }
    const Existing existing = options->resume  ? Existing::resume
                              : options->force ? Existing::replace
                                               : Existing::refuse;
    options->profiled.ceilings = [threads = config.threads](const Device& device, const Policy& policy) {
      return ceilings_of(device.name(), policy, threads);
    };
    const FitResult result = fit(config, existing, process_arguments(), options->profiled);
    std::printf("run %s\nstep %lld\nweights sha256=%s\n", result.folder.c_str(),
                static_cast<long long>(result.step), result.weights_hash.c_str());
    std::fflush(stdout);
    if (result.exit != Exit::ok) throw CLI::RuntimeError(int(result.exit));
  });
}

}  // namespace rc
