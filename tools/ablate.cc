// realcentric ablate: trains and measures every cell of the ablation, and tells which differ.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>

#include "engine/error.h"
#include "tools/ablation.h"
#include "tools/command.h"
#include "tools/config_flags.h"

namespace rc {
namespace {

struct Options {
  std::string cells = "main", seeds = "1,2,3", perturb, split = "test", baseline = "A0";
};

std::vector<uint64_t> parse_seeds(const std::string& text) {
  std::vector<uint64_t> seeds;
  for (size_t at = 0, end; at <= text.size(); at = end + 1) {
    end = std::min(text.find(',', at), text.size());
    uint64_t seed = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, seed);
    if (error != std::errc() || stop != text.data() + end)
      throw Error(Exit::usage, "seeds are whole numbers, not \"" + text + "\"", "--seeds",
                  "as in --seeds 1,2,3");
    if (std::ranges::find(seeds, seed) != seeds.end())
      throw Error(Exit::usage, "the seed " + std::to_string(seed) + " is named twice", "--seeds");
    seeds.push_back(seed);
  }
  return seeds;
}

std::string out_of(const ConfigSources& sources) {
  std::string out;
  for (const auto& [key, text] : sources.flags)
    if (key == "out") out = text;
  if (out.empty()) throw Error(Exit::usage, "an ablation needs a folder", "ablate", "-o DIR");
  return out;
}

// The chosen cells and the baseline, without which nothing could be compared.
std::vector<const AblationCell*> cells_of(const Options& o) {
  const auto baseline = parse_ablation_cells(o.baseline);
  if (baseline.size() != 1)
    throw Error(Exit::usage, "the baseline is one cell, not \"" + o.baseline + "\"", "--baseline");
  return parse_ablation_cells(o.baseline + "," + o.cells);
}

}  // namespace

void add_ablate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "ablate",
      "Train and measure the cells of the ablation over several seeds; goes on where it was stopped");
  const auto sources = add_config_flags(*command);
  const auto options = std::make_shared<Options>();
  command
      ->add_option("--cells", options->cells,
                   "Cells (A0, A3b, A6-hp, ...) or groups: main, leave-one-out, variants, controls, all")
      ->capture_default_str();
  command->add_option("--seeds", options->seeds, "A run of each cell for each")->capture_default_str();
  command->add_option("--perturb", options->perturb, "Interference, as eval takes it")
      ->type_name("KIND[:LEVEL],...");
  command->add_option("--split", options->split, "Measured on: val, test, ...")
      ->check(CLI::IsMember({"train", "val", "test"}))
      ->capture_default_str();
  command->add_option("--baseline", options->baseline, "Cell that the others are compared with")
      ->capture_default_str();
  command->callback([sources, options] {
    const AblationEvaluation evaluation = {options->split, options->perturb.empty()
                                                               ? std::vector<Perturbation>()
                                                               : parse_perturbations(options->perturb)};
    const int code = run_ablation({out_of(*sources), *sources, cells_of(*options), options->baseline,
                                   parse_seeds(options->seeds), evaluation});
    if (code != 0) throw CLI::RuntimeError(code);
  });
}

}  // namespace rc
