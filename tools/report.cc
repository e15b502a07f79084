// realcentric report: runs on one page.
#include "train/report.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/error.h"
#include "engine/file.h"
#include "tools/command.h"

namespace rc {

void add_report_command(CLI::App& app) {
  struct Options {
    std::vector<std::filesystem::path> runs;
    std::filesystem::path output;
    ReportOptions report{.images = true};
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("report", "Write a report of runs, one HTML file");
  command->footer(
      "Where a run was evaluated (realcentric eval) and the images are still there, its detector looks at "
      "some "
      "of them again: a map of their embeddings, and its hardest cases with heat maps. Several runs are "
      "compared first.");
  command->add_option("run", options->runs, "Folders that training wrote, as runs/NAME")->required();
  command->add_option("-o,--output", options->output,
                      "File to write; RUN/report.html where it is left out and there is one run");
  command->add_flag("--images,!--no-images", options->report.images,
                    "Look at images again; --no-images reads the runs' files alone");
  command->add_option("--device", options->report.device, "For that: auto, cpu or cuda:N")
      ->capture_default_str();
  command->add_option("--threads", options->report.threads, "Of the CPU device; 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->callback([options] {
    if (options->output.empty() && options->runs.size() > 1)
      throw Error(Exit::usage, "where to write the report is not clear", "report", "-o FILE");
    const std::filesystem::path file =
        options->output.empty() ? options->runs[0] / "report.html" : options->output;
    write_file(file, report_html(options->runs, options->report));
    std::printf("%s\n", file.c_str());
  });
}

}  // namespace rc
