// The flags of a command that takes a configuration: --config, --set, and one for each setting, made from the
// table of settings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "train/config.h"

namespace CLI {
class App;
}

namespace rc {

// What the user gives stands in the result once the command line is parsed: load_config(*sources). `wanted`:
// the settings that get a flag, by how their keys begin ("data.", "seed"); all where it is empty.
std::shared_ptr<ConfigSources> add_config_flags(CLI::App& command,
                                                const std::vector<std::string>& wanted = {});

}  // namespace rc
