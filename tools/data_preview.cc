// realcentric data preview: the very batches that training sees, on a sheet to be looked at.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/batch_sheet.h"
#include "engine/error.h"
#include "tools/command.h"
#include "tools/config_flags.h"
#include "train/training_data.h"

namespace rc {
namespace {

struct Options {
  std::string out;
  int batches = 2;
  uint32_t epoch = 0, step = 0;
};

std::vector<std::string> title_of(const Config& c, const Sampler& sampler) {
  const std::string pairing =
      sampler.pairs() ? "tuple, method pair " + c.sampler.method_pair : std::string("balanced");
  return {"data: " + c.data.path,
          "sampler: " + pairing + ", " + std::to_string(c.sampler.batch) + " images a view, views " +
              std::to_string(c.sampler.views),
          "seed " + std::to_string(c.seed) + ", " + std::to_string(c.data.img_size) + " px, " +
              std::to_string(sampler.steps_per_epoch()) + " steps an epoch"};
}

void preview(const Options& o, ConfigSources sources) {
  if (std::filesystem::path(o.out).extension() != ".png")
    throw Error(Exit::usage, "a sheet is a PNG, not \"" + o.out + "\"", "-o", "-o sheet.png");
  sources.flags.emplace_back("loss.objective", "ce");  // no loss changes a batch: let none refuse it
  const Config config = load_config(sources);
  const Index train = corpus_of(config).only_split("train");
  const Sampler sampler(train, config.sampler);
  if (o.step >= uint32_t(sampler.steps_per_epoch()))
    throw Error(Exit::usage,
                "an epoch has " + std::to_string(sampler.steps_per_epoch()) + " steps, counted from 0",
                "--step " + std::to_string(o.step));

  Loader loader = training_batches(config, train, sampler, o.epoch, o.step);
  std::vector<Batch> batches;
  for (int i = 0; i < o.batches; ++i) batches.push_back(loader.next());
  std::vector<std::string> views;
  for (int view = 1; view <= config.sampler.views; ++view) {
    const bool light_first = config.aug.preset == "dfb" && view < config.sampler.views;
    views.push_back("view " + std::to_string(view) + ": " + (light_first ? "light" : config.aug.preset));
  }
  const Image sheet = batch_sheet(batches, train, title_of(config, sampler), views);
  write_image(o.out, sheet);
  for (const Batch& batch : batches) std::fputs(batch_listing(batch, train).c_str(), stdout);
  std::printf("sheet %s, %d x %d pixels\n", o.out.c_str(), sheet.width, sheet.height);
}

}  // namespace

void add_data_preview(CLI::App& data) {
  CLI::App* command =
      data.add_subcommand("preview", "Draw training batches on a sheet, as the network sees them");
  const auto sources = add_config_flags(*command, {"seed", "data.", "sampler.", "aug."});
  const auto options = std::make_shared<Options>();
  command->add_option("-o,--output", options->out, "PNG file to write")->required();
  command->add_option("--batches", options->batches, "How many, one below the other")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--epoch", options->epoch, "Of the first batch, counted from 0")->capture_default_str();
  command->add_option("--step", options->step, "Of the first batch in its epoch, counted from 0")
      ->capture_default_str();
  command->callback([sources, options] { preview(*options, *sources); });
}

}  // namespace rc
