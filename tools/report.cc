// realcentric report: a run on one page.
#include "train/report.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/file.h"
#include "tools/command.h"

namespace rc {

void add_report_command(CLI::App& app) {
  struct Options {
    std::filesystem::path run, output;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("report", "Write a run's report, one HTML file");
  command->add_option("run", options->run, "Folder that training wrote, as runs/NAME")->required();
  command->add_option("-o,--output", options->output, "File to write; RUN/report.html where it is left out");
  command->callback([options] {
    const std::filesystem::path file =
        options->output.empty() ? options->run / "report.html" : options->output;
    write_file(file, report_html(options->run));
    std::printf("%s\n", file.c_str());
  });
}

}  // namespace rc
