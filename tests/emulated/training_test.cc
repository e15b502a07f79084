// Whole training steps through the real CUDA device, on the emulated GPU: they equal the CPU's, a replayed
// graph is the eager step, and in the steady state nothing is allocated, freed or waited for.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "engine/cuda/cuda_device.h"
#include "engine/host/host_device.h"
#include "engine/rng.h"
#include "tests/emulated/host_vendor.h"
#include "tests/emulated/memory.h"
#include "tests/emulated/runtime_calls.h"
#include "train/trainer.h"

namespace rc {
namespace {

constexpr int kBatch = 8, kSize = 32;
constexpr size_t kInputCopies = 1 + 6;  // over the bus at once, then each to its place
constexpr size_t kResultCopies = 7;  // facts, loss, probabilities, objective, distance, keys and their rows

// The CPU with the GPU's storage of activations, so that both convolutions are the same primitive.
class PlainHostDevice : public HostDevice {
 public:
  int64_t activation_block(DType, int64_t) const override { return 0; }
};

Batch batch_of(uint32_t step) {
  Batch b;
  b.count = kBatch, b.size = kSize;
  Rng rng(1, Purpose::test, step);
  for (int i = 0; i < kBatch * kSize * kSize * 3; ++i) b.pixels.push_back(uint8_t(rng.below(256)));
  for (int i = 0; i < kBatch; ++i)
    b.flip.push_back(uint8_t(rng.below(2))), b.label.push_back(i % 2), b.tuple.push_back(i / 2);
  return b;
}

StepScalars scalars_of(int64_t step) {
  return {.rate = 1e-4,
          .cross_entropy_weight = 0.5,
          .objective_weight = 0.5,
          .objective_step = step + 1,
          .hard_positives = true,
          .hard_negatives = true};
}

struct Side {
  std::unique_ptr<Device> device;
  Variables variables;
  std::unique_ptr<Trainer> trainer;

  explicit Side(std::unique_ptr<Device> on, DType precision = DType::f32) : device(std::move(on)) {
    DetectorOptions detector;
    detector.projection = Projection::mlp_norm;
    detector.keys.queue = 16;
    trainer =
        std::make_unique<Trainer>(*device, variables, detector,
                                  OptimizerOptions{.weight_decay = 1e-4, .clip_norm = 5, .ema_decay = 0.9},
                                  Policy{.precision = precision}, kBatch, kSize);
    variables.allocate(*device);
    trainer->prepare();
  }
  void start(int64_t step) { trainer->start(batch_of(uint32_t(step)), scalars_of(step), step, true); }
  std::vector<float> weights() const { return flat(variables.flat_parameters()); }
  std::vector<float> gradients() const { return flat(variables.flat_gradients()); }
  std::vector<float> flat(const float* data) const {
    std::vector<float> out(size_t(variables.flat_size()));
    device->download(out.data(), data, out.size() * sizeof(float));
    return out;
  }
};

std::unique_ptr<Device> cpu() { return std::make_unique<PlainHostDevice>(); }
std::unique_ptr<Device> gpu() { return std::make_unique<CudaDevice>(0, open_host_vendor); }

// Under the checkers a step takes many times as long.
int64_t steps_of_a_test() { return std::getenv("PTXEMU_CHECK") ? 2 : 10; }

// |a - b| / |b|, L2.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i)
    difference += std::pow(double(a[i]) - double(b[i]), 2), norm += std::pow(double(b[i]), 2);
  return std::sqrt(difference / norm);
}

}  // namespace

TEST_SUITE("emulated") {
  // The GPU adds up in another order than the CPU. How far that may lead is what the CPU shows with another
  // order of its own, channels by blocks of 16 and Winograd: the GPU may stray twice as far. That is a few
  // units of rounding after one step, and grows as training does.
  TEST_CASE("training on the GPU is training on the CPU") {
    const OrdinaryMemory ordinary;
    Side host(cpu()), other(std::make_unique<HostDevice>()), cuda(gpu());
    for (int64_t step = 0; step < steps_of_a_test(); ++step) {
      CAPTURE(step);
      host.start(step), other.start(step), cuda.start(step);
      const StepResult a = host.trainer->finish(), b = cuda.trainer->finish();
      other.trainer->finish();
      if (step == 0) {
        CHECK(b.loss == doctest::Approx(a.loss).epsilon(1e-6));
        CHECK(distance(cuda.gradients(), host.gradients()) <
              2 * distance(other.gradients(), host.gradients()));
      }
      CHECK(distance(cuda.weights(), host.weights()) < 2 * distance(other.weights(), host.weights()));
      CHECK(b.counted == a.counted);
      CHECK(b.embeddings.size() == a.embeddings.size());
    }
  }

  TEST_CASE("bf16 with fp32 weights trains on the GPU as on the CPU") {
    const OrdinaryMemory ordinary;
    Side host(cpu(), DType::bf16), cuda(gpu(), DType::bf16), full(cpu());
    host.start(0), cuda.start(0), full.start(0);
    const StepResult a = host.trainer->finish(), b = cuda.trainer->finish();
    full.trainer->finish();
    CHECK(b.loss == doctest::Approx(a.loss).epsilon(1.0 / 256));  // the step of bf16
    // No further from the CPU's bf16 than that is from fp32.
    CHECK(distance(cuda.gradients(), host.gradients()) < distance(host.gradients(), full.gradients()));
  }

  TEST_CASE(
      "a replayed graph is the eager step, to the bit, and nothing in between is allocated or waited for") {
    const OrdinaryMemory ordinary;
    Side eager(gpu()), replayed(gpu());
    Trace trace;  // a traced run queues op by op
    RuntimeCalls& calls = runtime_calls();
    std::vector<std::string> queued;
    for (int64_t step = 0; step < 3; ++step) {
      calls.clear();
      eager.trainer->start(batch_of(uint32_t(step)), scalars_of(step), step, true, &trace);
      queued = calls.queued;
      const StepResult a = eager.trainer->finish();
      calls.clear();
      replayed.start(step);
      if (step == 1) {  // recorded: what the graph holds is what was queued, but for inputs and results
        CHECK(calls.queued == queued);
        CHECK(calls.graph_nodes + kInputCopies + kResultCopies == queued.size());
      }
      CHECK(calls.graph_launches == (step == 0 ? 0 : 1));
      const StepResult b = replayed.trainer->finish();
      CHECK(a.loss == b.loss);
      CHECK(a.gradient_norm == b.gradient_norm);
      CHECK(eager.weights() == replayed.weights());
    }

    for (int64_t step = 3; step < 6; ++step) replayed.start(step);
    while (replayed.trainer->started() > 0) replayed.trainer->finish();
    calls.clear();
    for (int64_t step = 6; step < 9; ++step) replayed.start(step);
    CHECK(calls.allocations == 0);
    CHECK(calls.frees == 0);
    CHECK(calls.waits == 0);
    CHECK(calls.graph_launches == 3);
    while (replayed.trainer->started() > 0) replayed.trainer->finish();
    CHECK(calls.waits == 0);
  }
}

}  // namespace rc
