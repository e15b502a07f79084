// realcentric eval: the metrics of a trained detector on a set.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "data/index.h"
#include "data/perturbation.h"
#include "engine/file.h"
#include "tools/command.h"
#include "tools/detector_flags.h"
#include "tools/index_flags.h"
#include "train/checkpoint.h"
#include "train/detector_config.h"
#include "train/evaluation_run.h"
#include "train/evaluation_table.h"
#include "train/loaded_detector.h"
#include "train/test_sets.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

struct Options {
  DetectorFlags detector;
  std::string split = "test", out, name, protocol = "default", perturb, expect;
  std::vector<std::string> data;
  int frames = 32;
  uint64_t seed = 42;
  double tolerance = 1e-4;
  ReadOptions read;
  bool json = false;
};

// "NAME=PATH", or a path as it stands; what lies on the disk under the whole text is a path.
std::pair<std::string, std::string> name_and_path(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == text.npos || text.find('/') < equals || fs::exists(text)) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

// Where a run's evaluations lie, or where the user wants them.
fs::path parent_folder(const Options& o) {
  if (!o.out.empty()) return o.out;
  if (fs::is_directory(fs::path(o.detector.weights) / "checkpoints"))
    return fs::path(o.detector.weights) / "eval";
  throw Error(Exit::usage, "where to write the results is not clear", "eval",
              "-o DIR, or give a run folder as -w");
}

std::vector<TestSet> read_sets(const Options& o) {
  const fs::path parent = parent_folder(o);
  std::vector<TestSet> sets;
  std::set<std::string> names;
  for (const std::string& text : o.data) {
    auto [name, path] = name_and_path(text);
    if (name.empty() && o.data.size() > 1)
      throw Error(Exit::usage, "each of several sets has a name", "--data " + text, "--data NAME=" + text);
    if (name.empty()) name = o.name.empty() ? o.split : o.name;
    if (!names.insert(name).second || name == kMeanOfSets)
      throw Error(Exit::usage,
                  "the name " + name + (name == kMeanOfSets ? " is the mean's" : " is given twice"),
                  "--data " + text);
    TestSet set{name, path, load_index(path, o.read), "",
                o.out.empty() || o.data.size() > 1 ? parent / name : parent};
    set.hash = set.index.hash;
    if (o.split != "all") set.index = set.index.only_split(o.split);
    set.index = choose_frames(std::move(set.index), protocol_of(o.protocol).frames, o.frames);
    sets.push_back(std::move(set));
  }
  return sets;
}

Expectation read_expectation(const Options& o) {
  if (o.expect.empty()) return {};
  Expectation expectation = parse_expectation(read_file(o.expect, uint64_t(1) << 26), o.expect);
  std::set<std::string> names = {kMeanOfSets};
  for (const std::string& text : o.data) {
    const std::string name = name_and_path(text).first;
    names.insert(!name.empty() ? name : o.name.empty() ? o.split : o.name);
  }
  for (const ExpectedNumber& n : expectation.numbers)
    if (!names.contains(n.set))
      throw Error(Exit::usage, "numbers of the set " + n.set + " are expected, which is not evaluated",
                  "--expect " + o.expect, "--data " + n.set + "=PATH");
  return expectation;
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

std::string protocol_help() {
  std::string text = "By which rules:";
  for (const Protocol& p : protocols())
    text += std::string(&p == protocols().data() ? " " : "; ") + p.name + " (" + p.describes + ")";
  return text;
}

void warn(const Evaluation& e) {
  if (e.unreadable > 0) {
    std::string videos;
    for (const std::string& video : e.failed) videos += (videos.empty() ? ": " : ", ") + video;
    std::fprintf(stderr,
                 "realcentric: warning: %s: %lld frames were left out; %zu videos score 0.5 by no frame%s\n",
                 e.dataset.c_str(), static_cast<long long>(e.unreadable), e.failed.size(), videos.c_str());
  }
  if (e.all.frames.auc && *e.all.frames.auc < 0.35)
    std::fprintf(stderr,
                 "realcentric: warning: AUC %.3f on %s is far below 0.5: labels look inverted (real=0, "
                 "fake=1 expected)\n",
                 *e.all.frames.auc, e.dataset.c_str());
}

void print(const std::vector<Evaluation>& evaluations, const std::vector<TestSet>& sets) {
  std::printf("%s\n%s", evaluation_table(evaluations).text().c_str(),
              detail_table(evaluations).text().c_str());
  std::printf(
      "TDR at FPR x: the highest TPR of a threshold with FPR <= x; * where x is less than one real\n");
  for (const Evaluation& e : evaluations)
    if (!e.robustness.levels.empty())
      std::printf("\n%s under interference\n%s", e.dataset.c_str(),
                  robustness_table(e.robustness).text().c_str());
  std::printf("\n%s", text_of(*evaluations[0].protocol).c_str());
  for (const TestSet& set : sets)
    std::printf("data %s, %s, index sha256 %s; files %s\n", set.name.c_str(), set.path.c_str(),
                set.hash.c_str(), set.folder.c_str());
}

// Prints the comparison, and what of the protocols can explain it; an Error where a number deviates.
void compare_with_expected(const Options& o, const Expectation& expectation,
                           const std::vector<Evaluation>& evaluations) {
  const std::vector<ComparedNumber> numbers = compare(expectation, evaluations, o.tolerance);
  if (!o.json) std::printf("\n%s", comparison_table(numbers).text().c_str());
  std::fflush(stdout);
  for (const std::string& line : protocol_differences(expectation, evaluations))
    std::fprintf(stderr, "the protocol of %s differs: %s\n", o.expect.c_str(), line.c_str());
  demand_agreement(numbers, o.expect, o.tolerance);
}

void run(const Options& o) {
  const std::vector<Perturbation> perturbations =
      o.perturb.empty() ? std::vector<Perturbation>() : parse_perturbations(o.perturb);
  check_codecs(perturbations);
  const Expectation expectation = read_expectation(o);
  const std::vector<TestSet> sets = read_sets(o);

  LoadedDetector detector(o.detector.weights, o.detector.device, o.detector.threads, o.detector.batch);
  const fs::path model = model_file(o.detector.weights);
  const NetworkInput input = network_input(detector.config());
  Protocol protocol = protocol_of(o.protocol);
  if (o.protocol == "default") protocol.resampling = input.resampling;  // the others have one of their own
  const AppliedProtocol applied{protocol,
                                o.frames,
                                input.size,
                                input.scaled_jpeg,
                                o.split,
                                o.read.compression,
                                o.seed,
                                checkpoint_selection(model),
                                weights_hash(model)};
  std::vector<Evaluation> evaluations;
  for (const TestSet& set : sets) {
    warn_of(set.index);
    evaluations.push_back(
        evaluate_set(detector.scorer(), set, applied, perturbations,
                     [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }));
    warn(evaluations.back());
  }
  if (sets.size() > 1) write_summary(parent_folder(o), evaluations);
  if (o.json)
    std::printf("%s\n",
                (sets.size() > 1 ? summary_json(evaluations) : to_json(evaluations[0])).dump(2).c_str());
  else
    print(evaluations, sets);
  if (!o.expect.empty()) compare_with_expected(o, expectation, evaluations);
}

}  // namespace

void add_eval_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "eval", "Measure a detector on a set: AUC, EER, AP, ACC of frames and videos, by forgery method");
  add_detector_flags(*command, options->detector);
  command
      ->add_option("--data", options->data,
                   "Data set: its folder, or an index of it; often as NAME=PATH for several sets")
      ->type_name("[NAME=]PATH")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->required();
  add_index_flags(*command, options->read);
  command->add_option("--split", options->split, "train, val, test, or all")
      ->check(CLI::IsMember({"train", "val", "test", "all"}))
      ->capture_default_str();
  command->add_option("--name", options->name,
                      "Name of the set in tables and files; the split's where left out");
  std::vector<std::string> names;
  for (const Protocol& p : protocols()) names.emplace_back(p.name);
  command->add_option("--protocol", options->protocol, protocol_help())
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command->add_option("--frames-per-video", options->frames, "At most so many; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option(
      "-o,--out", options->out,
      "Folder for results.json, predictions.csv, videos.csv, roc.csv (of several sets for a folder each, and "
      "summary.json); RUN/eval/NAME where left out");
  command
      ->add_option("--expect", options->expect,
                   "Compare with an earlier results.json or summary.json, or with {\"NAME\": {\"auc\": 0.9, "
                   "\"video_auc\": 0.95}}; exit 7 where a number deviates")
      ->type_name("FILE");
  command->add_option("--tol", options->tolerance, "By how much a number may deviate from --expect")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--perturb", options->perturb, perturbation_help())->type_name("KIND[:LEVEL],...");
  command->add_option("--seed", options->seed, "Of the bootstrap and of the noise")->capture_default_str();
  command->add_flag("--json", options->json, "Print the results as JSON");
  command->callback([options] { run(*options); });
}

}  // namespace rc
