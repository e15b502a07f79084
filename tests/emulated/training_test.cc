// Whole training steps through the real CUDA device, on the emulated GPU: they equal the CPU's, a replayed
// graph is the eager step, and in the steady state nothing is allocated, freed or waited for. The checkers
// would take gigabytes for eleven million weights: under them tiny_network_test.cc stands for these.
#include <doctest/doctest.h>

#include "engine/cuda/cuda_device.h"
#include "tests/emulated/emulator.h"
#include "tests/emulated/host_vendor.h"
#include "tests/emulated/memory.h"
#include "tests/emulated/runtime_calls.h"
#include "tests/parity/training_case.h"

namespace rc {
namespace {

constexpr size_t kInputCopies = 1 + 6;  // over the bus at once, then each to its place
constexpr size_t kResultCopies = 7;  // facts, loss, probabilities, objective, distance, keys and their rows

std::unique_ptr<Device> cpu() { return std::make_unique<PlainHostDevice>(); }
std::unique_ptr<Device> gpu() { return std::make_unique<CudaDevice>(0, open_host_vendor); }

}  // namespace

TEST_SUITE("emulated") {
  // The GPU adds up in another order than the CPU. How far that may lead is what the CPU shows with another
  // order of its own, channels by blocks of 16 and Winograd: the GPU may stray twice as far. That is a few
  // units of rounding after one step, and grows as training does.
  TEST_CASE("training on the GPU is training on the CPU") {
    const OrdinaryMemory ordinary;
    const NoComplaints from_the_emulator;
    TrainingCase host(cpu()), other(std::make_unique<HostDevice>()), cuda(gpu());
    for (int64_t step = 0; step < 10; ++step) {
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
    const NoComplaints from_the_emulator;
    TrainingCase host(cpu(), DType::bf16), cuda(gpu(), DType::bf16), full(cpu());
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
    const NoComplaints from_the_emulator;
    TrainingCase eager(gpu()), replayed(gpu());
    const std::unique_ptr<Stopwatch> watch = eager.device->stopwatch();  // a timed run queues op by op
    RuntimeCalls& calls = runtime_calls();
    std::vector<std::string> queued;
    for (int64_t step = 0; step < 3; ++step) {
      calls.clear();
      eager.trainer->start(batch_of(uint32_t(step)), scalars_of(step), step, true, watch.get());
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
