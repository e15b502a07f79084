#include "tools/config_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "train/config_schema.h"

namespace rc {
namespace {

// "data" of "data.path"; settings without a group are about the run.
std::string group_of(const std::string& key) {
  const size_t dot = key.find('.');
  return dot == std::string::npos ? "run" : key.substr(0, dot);
}

const char* placeholder(const ConfigField& field) {
  const std::string type = type_name(field);
  return type == "an integer" ? "N" : type == "a number" ? "X" : type == "two numbers" ? "X,X" : "TEXT";
}

}  // namespace

std::shared_ptr<ConfigSources> add_config_flags(CLI::App& command, const std::vector<std::string>& wanted) {
  const auto sources = std::make_shared<ConfigSources>();
  command.add_option("--config", sources->file, "Configuration, a JSON file")->type_name("FILE");
  command.add_option("--set", sources->set, "A setting, as optim.lr=0.01; may be given often")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);

  Config config;
  for (const ConfigField& field : config_fields()) {
    const std::string flag = field.flag, key = field.key;
    if (!wanted.empty() && std::ranges::none_of(wanted, [&](const auto& w) { return key.starts_with(w); }))
      continue;
    CLI::Option* option = nullptr;
    if (std::holds_alternative<bool*>(field.slot(config)))
      option = command.add_flag_function(
          flag + ",!--no-" + flag.substr(2),
          [sources, key](int64_t count) { sources->flags.emplace_back(key, count > 0 ? "true" : "false"); },
          describe(field));
    else if (std::holds_alternative<std::vector<std::string>*>(field.slot(config)))
      option = command
                   .add_option_function<std::vector<std::string>>(
                       flag,
                       [sources, key](const std::vector<std::string>& texts) {
                         sources->flags.emplace_back(key, nlohmann::json(texts).dump());
                       },
                       describe(field))
                   ->expected(1)
                   ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    else
      option = command.add_option_function<std::string>(
          flag, [sources, key](const std::string& text) { sources->flags.emplace_back(key, text); },
          describe(field));
    option->group(group_of(key));
    if (key == "aug.preset")
      command
          .add_flag_callback(
              "--no-aug", [sources, key] { sources->flags.emplace_back(key, "none"); }, "As --aug none")
          ->group(group_of(key));
    if (option->get_items_expected_max() > 0) option->type_name(placeholder(field));
  }
  return sources;
}

}  // namespace rc
