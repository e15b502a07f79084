// The step that a command speaks of without data: its flags, its configuration, its name for people.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tools/config_flags.h"
#include "train/traced_step.h"

namespace rc {

// Flags of the settings that decide a step, and --batch.
struct StepFlags {
  std::shared_ptr<ConfigSources> sources;
  std::shared_ptr<std::optional<int>> batch = std::make_shared<std::optional<int>>();
};
// `more`: settings beside those of the step, by how their keys begin.
StepFlags add_step_flags(CLI::App& command, const std::vector<std::string>& more = {});

// A step needs no data, but a configuration does; and only training needs an even batch.
Config config_of(const StepFlags&, StepKind);

// "resnet18, one step of training: 16 images x 2 views of 224 px, fp32, objective full, adam"
std::string title_of(const Config&, StepKind);

}  // namespace rc
