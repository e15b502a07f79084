#include "train/fit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "engine/build_info.h"
#include "train/checkpoint.h"
#include "train/detector_config.h"
#include "train/evaluation.h"
#include "train/initial_weights.h"
#include "train/memory_report.h"
#include "train/progress.h"
#include "train/recompute.h"
#include "train/report.h"
#include "train/score_set.h"
#include "train/signals.h"
#include "train/table.h"
#include "train/tensorboard.h"
#include "train/trainer.h"
#include "train/training_data.h"

namespace rc {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string counts(const Index& index) {
  int videos[2] = {}, frames[2] = {};
  for (const Video& v : index.videos) videos[v.label] += 1, frames[v.label] += int(v.frames.size());
  return std::to_string(videos[0]) + " real videos (" + std::to_string(frames[0]) + " frames), " +
         std::to_string(videos[1]) + " fake (" + std::to_string(frames[1]) + " frames)";
}

// The set of that split, or none: a corpus without validation data trains all the same.
std::optional<Index> split_if_any(const Index& index, const std::string& split) {
  for (const Video& v : index.videos)
    if (v.split == split) return index.only_split(split);
  return std::nullopt;
}

// The numbers of a row as TensorBoard's scalars: {"loss", 0.5} is "train/loss". Steps and epochs are none.
Scalars scalars_of(const Row& row, const std::string& group) {
  Scalars out;
  for (const auto& [name, cell] : row)
    if (const double* number = std::get_if<double>(&cell)) out.emplace_back(group + "/" + name, *number);
  return out;
}

// What is known of a step when it is queued, for the report on it later.
struct QueuedStep {
  StepScalars scalars;
  int images = 0;
  double wait_seconds = 0;  // for the batch
  double seconds = 0;       // of this thread: on a GPU that is ahead by two steps, those of a step
};

// TF32 is what a GPU's tensor cores round to; on the CPU it would be fp32 under another name.
std::unique_ptr<Device> device_of(const Config& config) {
  std::unique_ptr<Device> device = open_device(config.device, config.threads);
  if (config.precision == "tf32" && device->name() == "cpu")
    throw Error(Exit::usage, "tf32 is for GPUs, and the device is the CPU", "--precision tf32",
                "--precision fp32, or bf16");
  return device;
}

// Nothing where they are random, or those of a checkpoint.
std::optional<InitialWeights> first_weights(const Config& config, Existing existing) {
  if (config.model.init.empty() || existing == Existing::resume) return std::nullopt;
  return read_initial_weights(config.model.init, config.model.name);
}

class Run {
 public:
  Run(const Config& config, Existing existing, const std::vector<std::string>& argv,
      const ProfiledSteps& profiled)
      : device_(device_of(config)),
        config_(with_recompute_chosen(*device_, config)),
        index_(corpus_of(config)),
        initial_(first_weights(config, existing)),
        train_(index_.only_split("train")),
        val_(split_if_any(index_, "val")),
        sampler_(train_, config.sampler),
        steps_per_epoch_(sampler_.steps_per_epoch()),
        total_(config.optim.steps > 0 ? config.optim.steps : int64_t(config.optim.epochs) * steps_per_epoch_),
        trainer_(*device_, variables_, detector_options(config_), optimizer_options(config),
                 policy_of(config), int64_t(config.sampler.batch) * config.sampler.views,
                 config.data.img_size),
        scorer_(*device_, variables_, detector_options(config), policy_of(config), 64, config.data.img_size),
        schedule_(schedule_options(config, total_, steps_per_epoch_)),
        folder_(config.out.empty() ? default_run_path(config.model.name) : std::filesystem::path(config.out),
                existing),
        progress_(Progress::on_stderr(config.log.progress)),
        recorder_(profiled, *device_) {
    state_.data_hash = train_.hash;
    reserve();
    folder_.write_command_line(argv);
    if (existing == Existing::resume)
      resume();
    else
      set_first_weights();
    folder_.write_config(to_json(config_));
    if (config_.log.tensorboard)
      events_.emplace(folder_.path(),
                      existing == Existing::resume ? std::optional(state_.step) : std::nullopt);
    record_.device = device_->description();
    record_.threads = config.threads > 0 ? config.threads : int(::sysconf(_SC_NPROCESSORS_ONLN));
    record_.libraries = loaded_libraries();
    record_.data_hash = index_.hash;
    folder_.write_record(record_);
    introduce();
  }

  FitResult steps() {
    const StopSignals signals;
    const Clock::time_point begin = Clock::now();
    FitResult result;
    Loader loader = training_batches(config_, train_, sampler_, uint32_t(state_.step / steps_per_epoch_),
                                     uint32_t(state_.step % steps_per_epoch_));

    const int64_t end = config_.max_steps > 0 ? std::min(config_.max_steps, total_) : total_;
    if (end < total_) record_.stopped = "steps";
    int64_t step = state_.step;  // queued, and at most an interval ahead of those that were read
    while (step < end) {
      Stopwatch* const watch = recorder_.watch(step + 1);
      const Clock::time_point before = Clock::now();
      const Batch batch = loader.next();
      const Clock::time_point there = Clock::now();
      const StepScalars scalars = scalars_at(schedule_, step);
      trainer_.start(batch, scalars, step, line_due(step + 1, end), watch);
      if (watch)
        recorder_.host("wait for batch", before, there), recorder_.host("queue step", there, Clock::now());
      step += 1;
      queued_.push_back({scalars, batch.count, batch.wait_seconds, seconds_since(before)});

      const int64_t epoch = (step - 1) / steps_per_epoch_ + 1;
      const bool epoch_ends = step % steps_per_epoch_ == 0 || step == total_;
      const bool late = config_.time_limit > 0 && seconds_since(begin) >= config_.time_limit;
      const bool due = config_.checkpoint_interval > 0 && step % config_.checkpoint_interval == 0;
      const int signal = signals.requested();
      const bool pause = epoch_ends || due || late || signal || step == end;
      const size_t ahead = pause || !device_->asynchronous() ? 0 : size_t(config_.log.interval);
      while (trainer_.started() > ahead) finish_step(begin, end);

      if (epoch_ends) end_epoch(epoch, scalars.rate, epoch % config_.val_interval == 0 || step == total_);
      if (pause) save_last();
      if (signal) {
        record_.stopped = "signal";
        result.exit = signal == SIGINT ? Exit::interrupted : Exit::terminated;
        break;
      }
      if (late && step < end) {
        record_.stopped = "time";
        break;
      }
    }
    if (record_.weights_hash.empty()) save_last();  // resumed at its end: nothing was left to do
    result.folder = folder_.path().string(), result.weights_hash = record_.weights_hash,
    result.step = state_.step;
    return result;
  }

  void finish(Exit exit) {
    record_.exit_status = int(exit);
    if (exit != Exit::ok && record_.stopped.empty()) record_.stopped = "error";
    folder_.write_record(record_);
    if (record_.stopped != "error")  // whose last step is not whole
      recorder_.write(folder_.path(), trainer_.program(),
                      int64_t(config_.sampler.batch) * config_.sampler.views);
    write_report(folder_.path());
    folder_.write_sums();
  }

  void note(const std::string& line) {
    progress_.note(line);
    folder_.log(line);
  }

 private:
  void reserve() {
    try {
      variables_.allocate(*device_);
      trainer_.prepare();
      scorer_.prepare(trainer_.arena());
    } catch (const Error& e) {
      if (e.code() != Exit::memory) throw;
      throw out_of_memory(trainer_.program(), config_, e);
    }
  }

  // First weights: random ones, but for what a file has. The moving average starts as these.
  void set_first_weights() {
    if (initial_) {
      set_weights(initial_->match, *device_, variables_);
      folder_.write_init(record_of(*initial_));
      note("initial        " + initial_->path + ", sha256 " + initial_->sha256);
      std::istringstream report(report_text(initial_->match));
      for (std::string line; std::getline(report, line);) note(line);
    }
    const Variable* average = variables_.find(kAverage);
    if (!average) return;
    std::string bytes(average->desc.bytes(), '\0');
    device_->download(bytes.data(), variables_.flat_parameters(), bytes.size());
    device_->upload(variables_.tensor(*average).data, bytes.data(), bytes.size());
  }

  void resume() {
    const std::filesystem::path last = folder_.checkpoint("last");
    const std::string expected = state_.data_hash;
    state_ = load_training(last, *device_, variables_);
    if (state_.data_hash != expected)
      throw Error(Exit::data, "the training data are not those that the run began with", config_.data.path,
                  "a run goes on with the same index; start a new one for other data");
    folder_.truncate_after(state_.step);
    note("resumed after step " + std::to_string(state_.step));
  }

  void introduce() {
    const auto say = [&](const std::string& name, const std::string& value) {
      note(name + std::string(15 - name.size(), ' ') + value);
    };
    say("run", folder_.path().string());
    say("device", device_->description());
    say("detector", config_.model.name + ", " + std::to_string(variables_.parameter_count()) +
                        " parameters, " + config_.precision + ", objective " + config_.loss.objective);
    say("train", counts(train_));
    say("val", val_ ? counts(*val_) : "none: the last checkpoint is the result");
    say("sampler", std::string(sampler_.pairs() ? "forgery tuples" : "balanced") + ", " +
                       std::to_string(config_.sampler.batch) + " images x " +
                       std::to_string(config_.sampler.views) + " views of " +
                       std::to_string(config_.data.img_size) + " px");
    say("length", std::to_string(total_) + " steps, " + std::to_string(steps_per_epoch_) + " an epoch");
    say("memory", memory_text(trainer_.program()));
    if (const std::string text = recompute_text(trainer_.program(), config_); !text.empty())
      say("computed again", text);
    say("largest batch", largest_batch_text(trainer_.program(), config_));
    if (const std::string text = precision_note(config_, *device_); !text.empty()) note("warning: " + text);
    for (const std::string& remark : index_.remarks) note("warning: " + remark);
    for (const std::string& empty : index_.skipped) note("warning: no image in " + empty);
  }

  bool line_due(int64_t step, int64_t end) const { return step % config_.log.interval == 0 || step == end; }

  // Reads the results of the oldest step that is queued.
  void finish_step(Clock::time_point begin, int64_t end) {
    QueuedStep queued = queued_.front();
    queued_.pop_front();
    const Clock::time_point before = Clock::now();
    const StepResult step = trainer_.finish();
    queued.seconds += seconds_since(before);
    state_.step += 1, state_.loss_sum += step.loss, state_.loss_count += 1;
    report(step, queued, seconds_since(begin), end);
  }

  void report(const StepResult& step, const QueuedStep& queued, double elapsed, int64_t end) {
    const StepScalars& scalars = queued.scalars;
    const bool line = line_due(state_.step, end);
    first_step_ = first_step_ < 0 ? state_.step - 1 : first_step_;
    const double per_step = elapsed / double(state_.step - first_step_);
    StepReport r;
    r.epoch = int((state_.step - 1) / steps_per_epoch_ + 1),
    r.epochs = int((total_ + steps_per_epoch_ - 1) / steps_per_epoch_);
    r.step = state_.step, r.steps = total_;
    r.loss = step.loss, r.parts = {{"ce", step.cross_entropy}};
    if (scalars.objective_weight > 0) r.parts.emplace_back(config_.loss.objective, step.objective);
    r.lr = scalars.rate;
    r.images_per_second = double(queued.images) / queued.seconds, r.step_ms = queued.seconds * 1e3,
    r.data_wait_ms = queued.wait_seconds * 1e3;
    struct rusage usage;
    ::getrusage(RUSAGE_SELF, &usage);
    r.memory_gib = double(usage.ru_maxrss) / double(1 << 20);
    r.memory_total_gib =
        double(::sysconf(_SC_PHYS_PAGES)) * double(::sysconf(_SC_PAGE_SIZE)) / double(1 << 30);
    r.eta_seconds = per_step * double(end - state_.step);
    progress_.step(r, line);
    if (!line) return;
    folder_.log(progress_line(r));
    Row row = {{"epoch", int64_t(r.epoch)},          {"step", state_.step},       {"loss", step.loss},
               {"loss_ce", step.cross_entropy},      {"accuracy", step.accuracy}, {"lr", scalars.rate},
               {"gradient_norm", step.gradient_norm}};
    if (config_.loss.objective != "ce")
      row.insert(row.end(), {{"loss_" + config_.loss.objective, step.objective},
                             {"objective_weight", scalars.objective_weight}});
    if (!step.embeddings.empty()) {
      const double anchors = std::max(1.0, step.counted + step.left_out);
      row.insert(row.end(), {{"positive_cosine", step.positive_cosine},
                             {"hardest_negative", step.hardest_negative},
                             {"real_distance", step.real_distance},
                             {"fake_distance", step.fake_distance},
                             {"left_out_share", step.left_out / anchors}});
      row.insert(row.end(), step.embeddings.begin(), step.embeddings.end());
    }
    folder_.add_metrics(row);
    if (events_) events_->add(state_.step, scalars_of(row, "train"));
    if (events_ && !events_->reproducible())
      events_->add(state_.step, {{"perf/img_per_s", r.images_per_second},
                                 {"perf/step_ms", r.step_ms},
                                 {"perf/data_wait_ms", r.data_wait_ms}});
    folder_.add_timing({{"step", state_.step},
                        {"step_ms", r.step_ms},
                        {"images_per_second", r.images_per_second},
                        {"data_wait_ms", r.data_wait_ms}});
  }

  void end_epoch(int64_t epoch, double rate, bool validate) {
    const double train_loss = state_.loss_sum / double(std::max<int64_t>(1, state_.loss_count));
    state_.loss_sum = 0, state_.loss_count = 0;
    double auc = NAN, video_auc = NAN, eer = NAN;
    if (val_ && validate) {
      const AveragedWeights averaged(*device_, variables_);
      const Evaluation e =
          evaluate("val", score_set(scorer_, *val_, {.input = network_input(config_)}), config_.seed);
      auc = e.all.frames.auc.value_or(NAN), video_auc = e.all.videos.auc.value_or(NAN),
      eer = e.all.frames.eer.value_or(NAN);
      note("epoch " + std::to_string(epoch) + " | train loss " + fixed(train_loss, 4) + " | val AUC " +
           fixed(auc, 4) + " EER " + fixed(eer, 4) + " | val video AUC " + fixed(video_auc, 4));
    }
    folder_.add_epoch({{"epoch", epoch},
                       {"step", state_.step},
                       {"train_loss", train_loss},
                       {"val_auc", auc},
                       {"val_video_auc", video_auc},
                       {"val_eer", eer},
                       {"lr", rate}});
    if (events_)
      events_->add(state_.step, {{"train/epoch_loss", train_loss},
                                 {"val/auc", auc},
                                 {"val/video_auc", video_auc},
                                 {"val/eer", eer}});
    if (auc > state_.best) {
      state_.best = auc, state_.best_step = state_.step;
      folder_.write_checkpoint(
          "best", [&](const std::filesystem::path& to) { save_model(to, *device_, variables_, config_); });
    }
  }

  void save_last() {
    folder_.write_checkpoint("last", [&](const std::filesystem::path& to) {
      record_.weights_hash = save_model(to, *device_, variables_, config_);
      save_training(to, *device_, variables_, state_);
    });
    folder_.log("step " + std::to_string(state_.step) +
                " checkpoint, weights sha256=" + record_.weights_hash);
  }

  std::unique_ptr<Device> device_;
  Config config_;
  Index index_;
  std::optional<InitialWeights> initial_;  // read before the run folder is made
  Index train_;
  std::optional<Index> val_;
  Sampler sampler_;
  int64_t steps_per_epoch_, total_;
  Variables variables_;
  Trainer trainer_;
  Scorer scorer_;
  ScheduleOptions schedule_;
  RunFolder folder_;
  Progress progress_;
  StepRecorder recorder_;
  std::optional<EventFile> events_;
  RunRecord record_;
  TrainingState state_;
  std::deque<QueuedStep> queued_;
  int64_t first_step_ = -1;  // of this start of the program
};

}  // namespace

FitResult fit(const Config& config, Existing existing, const std::vector<std::string>& argv,
              const ProfiledSteps& profiled) {
  if (config.data.path.empty())
    throw Error(Exit::usage, "no training data", "data.path",
                "--data DIR, an index or a folder with real/ and fake/");
  Run run(config, existing, argv, profiled);
  try {
    const FitResult result = run.steps();
    run.finish(result.exit);
    return result;
  } catch (const Error& e) {
    run.note("error: " + e.text());
    run.finish(e.code());
    throw;
  }
}

}  // namespace rc
