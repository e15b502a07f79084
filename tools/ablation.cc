#include "tools/ablation.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/index.h"
#include "engine/build_info.h"
#include "engine/error.h"
#include "engine/file.h"
#include "tools/arguments.h"
#include "tools/index_flags.h"
#include "tools/self_process.h"
#include "train/ablation_chart.h"
#include "train/ablation_results.h"
#include "train/ablation_table.h"
#include "train/progress.h"
#include "train/run_folder.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr const char* kMarker = "ablation.json";  // by which a folder is known as an ablation's
constexpr const char* kScoreBatch = "64";         // the same for all runs

class Ablation {
 public:
  explicit Ablation(const AblationRequest& request)
      : folder_(request.folder),
        baseline_(request.baseline),
        seeds_(request.seeds),
        evaluation_(request.evaluation),
        plan_(plan_ablation(request.base, request.cells, request.seeds, request.folder)),
        results_(folder_, evaluation_) {
    for (const AblationRow& row : plan_.rows)
      if (row.cell->id == baseline_ && !row.problem.empty())
        throw Error(Exit::usage, "the baseline " + baseline_ + " cannot run: " + row.problem, "--baseline");
    const Config& any = plan_.runs.front().config;
    const Index index = load_index(any.data.path, any.data.read);
    data_hash_ = index.hash;
    index.only_split("train"), index.only_split(evaluation_.split);  // or an error now
    if (fs::exists(folder_) && !fs::is_empty(folder_) && !fs::exists(folder_ / kMarker))
      throw Error(Exit::usage, folder_.string() + " holds something else than an ablation",
                  std::string("it has no ") + kMarker, "name another folder with -o");
    for (const AblationRun& run : plan_.runs) {
      states_[run.name] = ablation_state(folder_ / run.name, run, data_hash_, evaluation_);
      if (states_[run.name] == AblationState::finished) results_.add(run.name);
    }
    write_file(folder_ / kMarker,
               Json{{"evaluation", evaluation_.text()}, {"data_sha256", data_hash_}}.dump(2) + "\n");
  }

  // The exit code of the signal that stopped it, or 0.
  int run() {
    show_plan();
    const StopSignals signals;
    for (const AblationRun& run : plan_.runs) {
      if (signals.requested()) break;
      if (states_.at(run.name) == AblationState::finished) continue;
      const Clock::time_point begin = Clock::now();
      try {
        train_and_measure(run, signals);
      } catch (const Error& error) {
        fail(run, error.code(), error.text());
      }
      seconds_ += std::chrono::duration<double>(Clock::now() - begin).count(), ++timed_;
      write_tables();
      if (!signals.requested()) show_progress();
    }
    const AblationTable table = write_tables();
    std::printf("%s\n%s\n%s%s", ablation_figures(table).text().c_str(),
                ablation_differences(table).text().c_str(), ablation_notes(table).c_str(),
                ablation_notes(table).empty() ? "" : "\n");
    std::printf("files %s/ablation.{md,csv,svg}\n", folder_.c_str());
    std::fflush(stdout);
    return signals.requested() ? 128 + signals.requested() : 0;
  }

  void complain_of_failures() const {
    if (failures_.empty()) return;
    std::string names;
    for (const auto& [name, reason] : failures_) names += (names.empty() ? "" : ", ") + name;
    throw Error(code_,
                std::to_string(failures_.size()) + " of " + std::to_string(plan_.runs.size()) +
                    " runs failed: " + names,
                failures_.begin()->second, "the others are in the table; the same command tries these again");
  }

 private:
  size_t finished() const {
    return size_t(
        std::ranges::count_if(states_, [](const auto& s) { return s.second == AblationState::finished; }));
  }

  void show_plan() const {
    size_t width = 0;
    for (const AblationRow& row : plan_.rows) width = std::max(width, row.cell->id.size());
    std::fprintf(stderr, "ablation of %zu cells and %zu seeds: %zu runs in %s, %zu finished already\n",
                 plan_.rows.size(), seeds_.size(), plan_.runs.size(), folder_.c_str(), finished());
    for (const AblationRow& row : plan_.rows) {
      const std::string remark = !row.problem.empty()         ? "; not run: " + row.problem
                                 : row.shares != row.cell->id ? "; same settings as " + row.shares
                                                              : "";
      std::fprintf(stderr, "  %-*s  %s%s\n", int(width), row.cell->id.c_str(), row.cell->title.c_str(),
                   remark.c_str());
    }
    std::fprintf(stderr, "measured at the last checkpoint of each: %s\n", evaluation_.text().c_str());
    const Config& any = plan_.runs.front().config;
    if (any.optim.warmup_epochs > 0 || any.optim.sched == "step")
      std::fprintf(
          stderr, "warning: the schedule counts in epochs, which differ in length with and without tuples\n");
  }

  void show_progress() const {
    const size_t done = finished() + failures_.size(),
                 left = plan_.runs.size() - std::min(done, plan_.runs.size());
    std::fprintf(stderr, "ablation: %zu of %zu runs, %.0f s a run, eta %s\n", done, plan_.runs.size(),
                 seconds_ / timed_, clock_text(seconds_ / timed_ * double(left)).c_str());
  }

  void fail(const AblationRun& run, Exit code, const std::string& text) {
    if (failures_.empty()) code_ = code;
    failures_[run.name] = text.substr(0, text.find('\n'));
  }

  // Whether it went well; else `failures_` knows why, or a signal came.
  bool child(const AblationRun& run, const std::vector<std::string>& arguments, const StopSignals& signals) {
    const SelfResult result = run_self(arguments, run.name + " | ", signals);
    if (result.exit_code == 0) return true;
    if (signals.requested()) return false;
    const bool known = result.exit_code >= int(Exit::usage) && result.exit_code <= int(Exit::check);
    fail(run, known ? Exit(result.exit_code) : Exit::internal,
         result.error.empty() ? "exit status " + std::to_string(result.exit_code) : result.error);
    return false;
  }

  void train_and_measure(const AblationRun& run, const StopSignals& signals) {
    const fs::path folder = folder_ / run.name;
    if (states_.at(run.name) != AblationState::trained) {
      if (!child(run, training(run), signals)) return;
      states_[run.name] = ablation_state(folder, run, data_hash_, evaluation_);
      if (states_[run.name] != AblationState::trained) return;  // stopped on its way
    }
    if (!child(run, measuring(run), signals)) return;
    record_finished(folder, run, evaluation_);
    results_.add(run.name);
    states_[run.name] = AblationState::finished;
  }

  std::vector<std::string> training(const AblationRun& run) const {
    Config config = run.config;
    if (config.log.progress != "none") config.log.progress = "plain";
    if (states_.at(run.name) == AblationState::started)
      return {"train",
              "--resume",
              "-o",
              config.out,
              "--data",
              config.data.path,
              "--device",
              config.device,
              "--max-steps",
              std::to_string(config.max_steps),
              "--workers",
              std::to_string(config.data.workers),
              "--prefetch",
              std::to_string(config.data.prefetch),
              "--log-interval",
              std::to_string(config.log.interval),
              "--progress",
              config.log.progress};
    const fs::path file = folder_ / "configs" / (run.name + ".json");
    write_file(file, to_json(config).dump(2) + "\n");
    std::vector<std::string> arguments = {"train", "--config", file.string()};
    if (fs::exists(fs::path(config.out) / "config.json"))
      arguments.push_back("--force");  // no checkpoint yet
    return arguments;
  }

  std::vector<std::string> measuring(const AblationRun& run) const {
    const Config& c = run.config;
    std::vector<std::string> arguments = {"eval",
                                          "-w",
                                          (folder_ / run.name / "checkpoints" / "last").string(),
                                          "--data",
                                          c.data.path,
                                          "--split",
                                          evaluation_.split,
                                          "--name",
                                          evaluation_.split,
                                          "--frames-per-video",
                                          std::to_string(c.data.frames_per_video),
                                          "--batch-size",
                                          kScoreBatch,
                                          "--seed",
                                          std::to_string(evaluation_.seed),
                                          "--device",
                                          c.device,
                                          "--threads",
                                          std::to_string(c.threads),
                                          "-o",
                                          (folder_ / run.name / "eval" / evaluation_.split).string()};
    for (const std::string& argument : index_arguments(c.data.read)) arguments.push_back(argument);
    std::string perturb;
    for (const Perturbation& p : evaluation_.perturbations)
      perturb += (perturb.empty() ? "" : ",") + p.text();
    if (!perturb.empty()) arguments.insert(arguments.end(), {"--perturb", perturb});
    return arguments;
  }

  AblationTable write_tables() {
    const AblationTable table = ablation_table(plan_, results_, baseline_, failures_);
    write_file(folder_ / "ablation.md", ablation_markdown(table, facts()));
    write_file(folder_ / "ablation.csv", ablation_csv(table));
    write_file(folder_ / "ablation.svg", ablation_chart(table));
    return table;
  }

  std::vector<std::pair<std::string, std::string>> facts() const {
    const Config& c = plan_.runs.front().config;
    std::string seeds;
    for (uint64_t seed : seeds_) seeds += (seeds.empty() ? "" : ", ") + std::to_string(seed);
    std::set<std::string> devices;
    for (const AblationRun& run : plan_.runs)
      if (results_.has(run.name))
        devices.insert(Json::parse(read_file(folder_ / run.name / "run.json")).value("device", "unknown"));
    std::string on;
    for (const std::string& device : devices) on += (on.empty() ? "" : "; ") + device;
    std::vector<std::string> command = process_arguments();
    command.front() = "realcentric";  // where it lies says nothing to others
    return {
        {"command", "`" + shell_line(command) + "`"},
        {"runs", std::to_string(finished()) + " of " + std::to_string(plan_.runs.size()) +
                     " finished; seeds " + seeds},
        {"budget of each",
         std::to_string(c.max_steps > 0 ? std::min(c.max_steps, c.optim.steps) : c.optim.steps) +
             " steps of " + std::to_string(c.sampler.batch) + " images x " + std::to_string(c.sampler.views) +
             " views at " + std::to_string(c.data.img_size) + " px, " + c.model.name},
        {"data", c.data.path + ", index sha256 " + data_hash_},
        {"measured",
         "the last checkpoint of every run, none chosen on validation data; " + evaluation_.text()},
        {"program", std::string("realcentric ") + kVersion + ", commit " + git_id()},
        {"device", on.empty() ? "–" : on}};
  }

  fs::path folder_;
  std::string baseline_;
  std::vector<uint64_t> seeds_;
  AblationEvaluation evaluation_;
  AblationPlan plan_;
  AblationResults results_;
  std::string data_hash_;
  std::map<std::string, AblationState> states_;
  std::map<std::string, std::string> failures_;  // run, why
  Exit code_ = Exit::ok;                         // of the first failure
  double seconds_ = 0, timed_ = 0;
};

}  // namespace

int run_ablation(const AblationRequest& request) {
  Ablation ablation(request);
  const int code = ablation.run();
  if (code == 0) ablation.complain_of_failures();
  return code;
}

}  // namespace rc
