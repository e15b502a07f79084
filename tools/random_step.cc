#include "tools/random_step.h"

#include <vector>

#include "engine/rng.h"
#include "train/detector_config.h"
#include "train/trainer.h"

namespace rc {
namespace {

// Images of both classes in turn; two neighbours are a pair, in each of the views.
Batch random_batch(int64_t images, int views, int size) {
  Batch batch;
  batch.count = int(images), batch.size = size;
  batch.pixels.resize(size_t(images) * size_t(size) * size_t(size) * 3);
  Rng rng(0, Purpose::test);
  for (uint8_t& value : batch.pixels) value = uint8_t(rng.below(256));
  batch.flip.resize(size_t(images));
  const int64_t per_view = images / views;
  for (int64_t i = 0; i < images; ++i)
    batch.label.push_back(int32_t(i % 2)), batch.tuple.push_back(int32_t(i % per_view / 2));
  return batch;
}

class TrainingStepOnce : public RandomStep {
 public:
  TrainingStepOnce(Device& device, const Config& c)
      : batch_(random_batch(int64_t(c.sampler.batch) * c.sampler.views, c.sampler.views, c.data.img_size)),
        schedule_(schedule_options(c, kSteps, kSteps)),
        trainer_(device, variables_, detector_options(c), optimizer_options(c), policy_of(c), batch_.count,
                 c.data.img_size) {
    variables_.allocate(device);
    trainer_.prepare();
  }
  void run(Stopwatch* watch) override {
    StepScalars scalars = scalars_at(schedule_, kSteps - 1);
    scalars.objective_step = ++step_;
    trainer_.step(batch_, scalars, step_ - 1, watch);
  }
  const Program& program() const override { return trainer_.program(); }
  int64_t images() const override { return batch_.count; }

 private:
  static constexpr int64_t kSteps = 1000;

  Batch batch_;
  Variables variables_;
  ScheduleOptions schedule_;
  Trainer trainer_;
  int64_t step_ = 0;
};

class InferenceOnce : public RandomStep {
 public:
  InferenceOnce(Device& device, const Config& c)
      : device_(device),
        images_(device.inference_batch(c.sampler.batch)),
        runs_((c.sampler.batch + images_ - 1) / images_),
        batch_(random_batch(runs_ * images_, 1, c.data.img_size)),
        logits_(2 * size_t(batch_.count)) {
    auto graph = std::make_unique<Graph>(device, variables_, policy_of(c), false);
    values_ = trace_inference(*graph, detector_options(c), images_, c.data.img_size);
    program_ = std::make_unique<Program>(std::move(graph));
    variables_.allocate(device);
    program_->prepare();
  }
  void run(Stopwatch* watch) override {
    const Tensor pixels = program_->tensor(values_.pixels), flip = program_->tensor(values_.flip),
                 logits = program_->tensor(values_.logits);
    for (int64_t i = 0; i < runs_; ++i) {
      device_.upload(pixels.data, batch_.pixels.data() + size_t(i) * pixels.bytes(), pixels.bytes());
      device_.upload(flip.data, batch_.flip.data() + size_t(i) * flip.bytes(), flip.bytes());
      program_->run(watch);
      device_.download(logits_.data() + i * 2 * images_, logits.data, logits.bytes());
    }
  }
  const Program& program() const override { return *program_; }
  int64_t images() const override { return images_; }

 private:
  Device& device_;
  int64_t images_, runs_;
  Batch batch_;
  std::vector<float> logits_;
  Variables variables_;
  Inference values_;
  std::unique_ptr<Program> program_;
};

}  // namespace

std::unique_ptr<RandomStep> random_step(Device& device, const Config& config, StepKind kind) {
  if (kind == StepKind::training) return std::make_unique<TrainingStepOnce>(device, config);
  return std::make_unique<InferenceOnce>(device, config);
}

}  // namespace rc
