#include "tools/bench_step.h"

#include <memory>
#include <vector>

#include "engine/rng.h"
#include "tools/bench_serve.h"
#include "train/trainer.h"

namespace rc {
namespace {

constexpr int kWarmUp = 3;

DetectorOptions network(const BenchCase& c) {
  DetectorOptions options;
  options.backbone = c.model, options.objective = Objective::cross_entropy;
  return options;
}
Policy policy(const BenchCase& c) { return {.precision = c.precision == "bf16" ? DType::bf16 : DType::f32}; }

// Images of both classes in turn.
Batch random_batch(int count, int size) {
  Batch batch;
  batch.count = count, batch.size = size;
  batch.pixels.resize(size_t(count) * size_t(size) * size_t(size) * 3);
  Rng rng(0, Purpose::test);
  for (uint8_t& value : batch.pixels) value = uint8_t(rng.below(256));
  batch.flip.resize(size_t(count));
  for (int i = 0; i < count; ++i) batch.label.push_back(i % 2), batch.tuple.push_back(-1);
  return batch;
}

// Cross-entropy with the peer's settings of the optimizer.
class TrainingBench {
 public:
  TrainingBench(Device& device, const BenchCase& c)
      : batch_(random_batch(c.batch, c.size)),
        trainer_(device, variables_, network(c), optimizer(c), policy(c), c.batch, c.size) {
    scalars_.rate = c.optimizer == "sgd" ? 1e-3 : 2e-4;
    variables_.allocate(device);
    trainer_.prepare();
  }
  void step() { trainer_.step(batch_, scalars_, steps_++); }
  double flops() const { return trainer_.program().flops(); }

 private:
  static OptimizerOptions optimizer(const BenchCase& c) {
    OptimizerOptions o;
    o.kind = c.optimizer == "sgd" ? OptimizerOptions::Kind::sgd : OptimizerOptions::Kind::adam;
    o.weight_decay = 5e-4;
    return o;
  }

  Batch batch_;
  Variables variables_;
  Trainer trainer_;
  StepScalars scalars_;
  int64_t steps_ = 0;
};

class InferenceBench {
 public:
  InferenceBench(Device& device, const BenchCase& c)
      : device_(device), batch_(random_batch(c.batch, c.size)), logits_(2 * size_t(c.batch)) {
    auto graph = std::make_unique<Graph>(device, variables_, policy(c), false);
    values_ = trace_inference(*graph, network(c), c.batch, c.size);
    program_ = std::make_unique<Program>(std::move(graph));
    variables_.allocate(device);
    program_->prepare();
  }
  void step() {
    device_.upload(program_->tensor(values_.pixels).data, batch_.pixels.data(), batch_.pixels.size());
    device_.upload(program_->tensor(values_.flip).data, batch_.flip.data(), batch_.flip.size());
    program_->run();
    device_.download(logits_.data(), program_->tensor(values_.logits).data, logits_.size() * sizeof(float));
  }
  double flops() const { return program_->flops(); }

 private:
  Device& device_;
  Batch batch_;
  std::vector<float> logits_;
  Variables variables_;
  Inference values_;
  std::unique_ptr<Program> program_;
};

template <class Bench>
void serve(const BenchCase& c) {
  const std::unique_ptr<Device> device = open_device("auto", c.threads);
  Bench bench(*device, c);
  for (int i = 0; i < kWarmUp; ++i) bench.step();
  serve_steps({{"device", device->description()}, {"flops", bench.flops()}}, [&] { bench.step(); });
}

}  // namespace

void serve_bench(const BenchCase& c) {
  c.mode == "train" ? serve<TrainingBench>(c) : serve<InferenceBench>(c);
}

}  // namespace rc
