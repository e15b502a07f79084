#include "tools/step_config.h"

#include <CLI/CLI.hpp>

namespace rc {

StepFlags add_step_flags(CLI::App& command, const std::vector<std::string>& more) {
  StepFlags flags;
  std::vector<std::string> wanted = {"model.",          "loss.objective",  "sampler.views",
                                     "optim.name",      "optim.ema_decay", "precision",
                                     "workspace_limit", "recompute",       "data.img_size"};
  wanted.insert(wanted.end(), more.begin(), more.end());
  flags.sources = add_config_flags(command, wanted);
  command.add_option("-b,--batch,--batch-size", *flags.batch, "Images per view")->check(CLI::Range(1, 65536));
  return flags;
}

Config config_of(const StepFlags& flags, StepKind kind) {
  ConfigSources sources = *flags.sources;
  const std::optional<int> batch = *flags.batch;
  sources.flags.emplace_back("data.path", "none");
  if (batch && kind == StepKind::training)
    sources.flags.emplace_back("sampler.batch", std::to_string(*batch));
  Config config = load_config(sources);
  if (batch) config.sampler.batch = *batch;
  return config;
}

std::string title_of(const Config& c, StepKind kind) {
  const bool training = kind == StepKind::training;
  std::string text = c.model.name + ", one step of " + (training ? "training" : "inference") + ": " +
                     std::to_string(c.sampler.batch) + " images";
  if (training) text += " x " + std::to_string(c.sampler.views) + " views";
  text += " of " + std::to_string(c.data.img_size) + " px, " + c.precision;
  return training ? text + ", objective " + c.loss.objective + ", " + c.optim.name : text;
}

}  // namespace rc
