// realcentric eval: the metrics of a trained detector on a set.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "data/evenly_spaced.h"
#include "data/index.h"
#include "data/perturbation.h"
#include "engine/file.h"
#include "tools/command.h"
#include "tools/index_flags.h"
#include "train/evaluation.h"
#include "train/evaluation_table.h"
#include "train/loaded_detector.h"
#include "train/score_set.h"

namespace rc {
namespace {

struct Options {
  std::string weights, data, split = "test", out, name, perturb, device = "auto";
  int frames = 32, batch = 32, threads = 0;
  uint64_t seed = 42;
  ReadOptions read;
  bool json = false;
};

std::filesystem::path folder_of(const Options& o, const std::string& name) {
  if (!o.out.empty()) return o.out;
  if (std::filesystem::is_directory(std::filesystem::path(o.weights) / "checkpoints"))
    return std::filesystem::path(o.weights) / "eval" / name;
  throw Error(Exit::usage, "where to write the results is not clear", "eval",
              "-o DIR, or give a run folder as -w");
}

// Scores the set once for every kind and level and keeps what was said of each frame in folder/perturbed/.
Robustness under_interference(LoadedDetector& detector, const Index& index,
                              const std::filesystem::path& folder,
                              const std::vector<Perturbation>& perturbations, uint64_t seed) {
  Robustness robustness;
  for (const Perturbation& p : perturbations) {
    const auto altered = [&](const Image& image, uint32_t number) { return perturb(image, p, seed, number); };
    const auto frames = score_set(detector.scorer(), index, detector.config().data.img_size, altered);
    write_file(perturbed_predictions(folder, p), predictions_csv(frames));
    robustness.levels.push_back({p, auc_of(frames)});
    std::fprintf(stderr, "%s: AUC %s\n", p.text().c_str(),
                 fixed(robustness.levels.back().auc.frames.value_or(NAN), 4).c_str());
  }
  return robustness;
}

std::string perturbation_help() {
  std::string text =
      "Score under interference as well, on the stored images (the literature: on whole frames, before "
      "faces are cut out), all levels of a kind or one:";
  for (const PerturbationKind& kind : perturbation_kinds())
    text += std::string(&kind == perturbation_kinds().data() ? " " : "; ") + kind.name + " (" +
            kind.describes + ")";
  text += "; groups:";
  for (const PerturbationGroup& group : perturbation_groups())
    text += std::string(" ") + group.name + " (" + group.describes + ": " + group.members + ")";
  return text;
}

void run(const Options& o) {
  const std::vector<Perturbation> perturbations =
      o.perturb.empty() ? std::vector<Perturbation>() : parse_perturbations(o.perturb);
  Index index = load_index(o.data, o.read);
  if (o.split != "all") index = index.only_split(o.split);
  index = evenly_spaced(std::move(index), o.frames);
  const std::string name = o.name.empty() ? o.split : o.name;
  const std::filesystem::path folder = folder_of(o, name);

  LoadedDetector detector(o.weights, o.device, o.threads, o.batch);
  const auto predictions = score_set(detector.scorer(), index, detector.config().data.img_size);
  Evaluation evaluation = evaluate(name, predictions, o.seed);
  std::filesystem::remove_all(folder / "perturbed");  // of an earlier evaluation
  std::filesystem::remove(folder / "perturbations.csv");
  evaluation.robustness = under_interference(detector, index, folder, perturbations, o.seed);
  write_evaluation(folder, evaluation, predictions);
  warn_of(index);
  if (evaluation.all.frames.auc && *evaluation.all.frames.auc < 0.35)
    std::fprintf(stderr,
                 "realcentric: warning: AUC %.3f on %s is far below 0.5: labels look inverted (real=0, "
                 "fake=1 expected)\n",
                 *evaluation.all.frames.auc, name.c_str());
  if (o.json)
    std::printf("%s\n", to_json(evaluation).dump(2).c_str());
  else
    std::printf("%s\n%sfiles %s\n", evaluation_table(evaluation).text().c_str(),
                perturbations.empty() ? "" : (robustness_table(evaluation.robustness).text() + "\n").c_str(),
                folder.c_str());
}

}  // namespace

void add_eval_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "eval", "Measure a detector on a set: AUC, EER, AP, ACC of frames and videos, by forgery method");
  command->add_option("-w,--weights", options->weights, "Run folder, checkpoint folder or model.safetensors")
      ->required();
  command->add_option("--data", options->data, "Data set: its folder, or an index of it")->required();
  add_index_flags(*command, options->read);
  command->add_option("--split", options->split, "train, val, test, or all")
      ->check(CLI::IsMember({"train", "val", "test", "all"}))
      ->capture_default_str();
  command->add_option("--name", options->name,
                      "Name of the set in tables and files; the split's where left out");
  command->add_option("--frames-per-video", options->frames, "Evenly spaced; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("-b,--batch-size", options->batch, "Images scored at once")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option(
      "-o,--out", options->out,
      "Folder for results.json, predictions.csv, videos.csv, roc.csv; RUN/eval/NAME where left out");
  command->add_option("--perturb", options->perturb, perturbation_help())->type_name("KIND[:LEVEL],...");
  command->add_option("--seed", options->seed, "Of the bootstrap and of the noise")->capture_default_str();
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->add_option("--threads", options->threads, "Of the CPU device; 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print the results as JSON");
  command->callback([options] { run(*options); });
}

}  // namespace rc
