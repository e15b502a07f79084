#include "tools/index_flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "train/config_schema.h"

namespace rc {
namespace {

// A setting of the table with where ReadOptions keeps it.
struct IndexFlag {
  const char* key;
  std::string ReadOptions::*text;
  std::vector<std::string> ReadOptions::*list;
};

constexpr IndexFlag kFlags[] = {
    {"data.format", &ReadOptions::format, nullptr}, {"data.comp", &ReadOptions::compression, nullptr},
    {"data.root", &ReadOptions::root, nullptr},     {"data.path_map", nullptr, &ReadOptions::path_maps},
    {"data.splits", &ReadOptions::splits, nullptr}, {"data.labels", nullptr, &ReadOptions::labels},
};

}  // namespace

void add_index_flags(CLI::App& command, ReadOptions& read) {
  for (const IndexFlag& flag : kFlags) {
    const ConfigField& field = *find_field(flag.key);
    CLI::Option* option = nullptr;
    if (flag.text)
      option = command.add_option(field.flag, read.*flag.text, describe(field));
    else
      option = command.add_option(field.flag, read.*flag.list, describe(field))
                   ->expected(1)
                   ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (!field.choices.empty()) option->check(CLI::IsMember(field.choices).description(""));
    option->type_name("TEXT")->group("data");
  }
}

std::vector<std::string> index_arguments(const ReadOptions& read) {
  std::vector<std::string> arguments;
  for (const IndexFlag& flag : kFlags) {
    const std::vector<std::string> values = flag.list                   ? read.*flag.list
                                            : (read.*flag.text).empty() ? std::vector<std::string>()
                                                                        : std::vector{read.*flag.text};
    for (const std::string& value : values)
      arguments.insert(arguments.end(), {find_field(flag.key)->flag, value});
  }
  return arguments;
}

void warn_of(const Index& index) {
  for (const std::string& remark : index.remarks)
    std::fprintf(stderr, "realcentric: warning: %s\n", remark.c_str());
  for (const std::string& empty : index.skipped)
    std::fprintf(stderr, "realcentric: warning: no image in %s\n", empty.c_str());
}

}  // namespace rc
