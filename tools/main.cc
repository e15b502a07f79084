// The program: reads the command line, runs one subcommand, and turns errors into texts and exit codes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "engine/build_info.h"
#include "engine/error.h"
#include "engine/nearest.h"
#include "tools/command.h"

namespace {

// What was typed, with `_` as `-` in the names of long options, last word first as CLI11 takes it.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  for (std::string& word : words) {
    if (word == "--") break;
    if (!word.starts_with("--")) continue;
    std::replace(word.begin(), std::find(word.begin(), word.end(), '='), '_', '-');
  }
  std::ranges::reverse(words);
  return words;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// A word that no command knows is named with the nearest one that it does; CLI11's own text serves for the
// rest.
rc::Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string name = app.get_name();
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  const std::string help = "see " + name + " --help";
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return {rc::Exit::usage, error.what(), name, help};

  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  const bool option = word.starts_with("-");
  const std::string meant = rc::nearest(word, option ? options_of(*command) : subcommands_of(*command));
  const std::string kind = option ? "option" : subcommands_of(*command).empty() ? "argument" : "command";
  return {rc::Exit::usage, "unknown " + kind + " \"" + word + "\"", name,
          meant.empty() ? help : "did you mean \"" + meant + "\"?"};
}

void complain(const std::string& text) { std::fprintf(stderr, "realcentric: error: %s\n", text.c_str()); }

void complain_of_bug(const std::string& text) {
  complain(text + "\n  hint: this is a bug; report it with build id " + rc::build_id().substr(0, 16));
}

int run(int argc, char** argv) {
  CLI::App app("Trains deepfake detectors by real-centric consistency learning.", "realcentric");
  app.require_subcommand(1);
  app.set_version_flag("--version", [] {
    return "realcentric " + std::string(rc::kVersion) + " (commit " + rc::git_id() + ", build " +
           rc::build_id().substr(0, 16) + ")";
  });
  rc::add_data_command(app);
  rc::add_train_command(app);
  rc::add_eval_command(app);
  rc::add_ablate_command(app);
  rc::add_predict_command(app);
  rc::add_embed_command(app);
  rc::add_export_command(app);
  rc::add_bench_command(app);
  rc::add_plan_command(app);
  rc::add_profile_command(app);
  rc::add_report_command(app);
  rc::add_convert_command(app);
  rc::add_inspect_command(app);
  rc::add_info_command(app);
  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::Success& request) {  // --help, --version
    return app.exit(request);
  } catch (const CLI::RuntimeError& stopped) {  // a run that a signal ended
    return stopped.get_exit_code();
  } catch (const CLI::ParseError& error) {
    throw usage_error(app, error);
  }
  return int(rc::Exit::ok);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const rc::Error& error) {
    error.code() == rc::Exit::internal ? complain_of_bug(error.text()) : complain(error.text());
    return int(error.code());
  } catch (const std::bad_alloc&) {
    complain("out of host memory\n  hint: use a smaller batch or smaller images");
    return int(rc::Exit::memory);
  } catch (const std::exception& error) {
    complain_of_bug(error.what());
    return int(rc::Exit::internal);
  }
}
