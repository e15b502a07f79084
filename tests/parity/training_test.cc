// Training on the GPU of this machine: as the CPU trains, the same bits twice, and replayed as it is eager.
#include <doctest/doctest.h>

#include "engine/device.h"
#include "tests/emulated/memory.h"
#include "tests/parity/training_case.h"

namespace rc {
namespace {

std::unique_ptr<Device> gpu() { return open_device("cuda:0"); }

}  // namespace

TEST_SUITE("parity") {
  // As on the emulated GPU (tests/emulated/training_test.cc), with cuDNN and cuBLASLt besides: their order of
  // sums is one more.
  TEST_CASE("twenty steps on the GPU are twenty steps on the CPU") {
    const OrdinaryMemory ordinary;
    TrainingCase host(std::make_unique<PlainHostDevice>()), other(std::make_unique<HostDevice>()),
        cuda(gpu());
    for (int64_t step = 0; step < 20; ++step) {
      CAPTURE(step);
      host.start(step), other.start(step), cuda.start(step);
      const StepResult a = host.trainer->finish(), b = cuda.trainer->finish();
      other.trainer->finish();
      if (step == 0) {
        CHECK(b.loss == doctest::Approx(a.loss).epsilon(1e-5));
        CHECK(distance(cuda.gradients(), host.gradients()) <
              4 * distance(other.gradients(), host.gradients()));
      }
      CHECK(distance(cuda.weights(), host.weights()) < 4 * distance(other.weights(), host.weights()));
      CHECK(b.counted == a.counted);
    }
  }

  TEST_CASE("bf16 is no further from the CPU's than that is from fp32") {
    const OrdinaryMemory ordinary;
    TrainingCase host(std::make_unique<PlainHostDevice>(), DType::bf16), cuda(gpu(), DType::bf16),
        full(std::make_unique<PlainHostDevice>());
    for (TrainingCase* side : {&host, &cuda, &full}) side->start(0), side->trainer->finish();
    CHECK(distance(cuda.gradients(), host.gradients()) < distance(host.gradients(), full.gradients()));
  }

  TEST_CASE("training repeats to the bit, and a replayed graph is the eager step") {
    const OrdinaryMemory ordinary;
    for (const DType precision : {DType::f32, DType::bf16}) {
      TrainingCase first(gpu(), precision), again(gpu(), precision), eager(gpu(), precision);
      const std::unique_ptr<Stopwatch> watch = eager.device->stopwatch();  // a timed run queues op by op
      for (int64_t step = 0; step < 10; ++step) {
        first.start(step), again.start(step);
        eager.trainer->start(batch_of(uint32_t(step)), scalars_of(step), step, true, watch.get());
      }
      for (TrainingCase* side : {&first, &again, &eager})
        while (side->trainer->started() > 0) side->trainer->finish();
      CHECK(first.weights() == again.weights());
      CHECK(first.weights() == eager.weights());
    }
  }
}

}  // namespace rc
