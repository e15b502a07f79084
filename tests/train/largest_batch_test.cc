// Which batch fits: the search itself, and outlines of a real step against its real plans.
#include "train/largest_batch.h"

#include <doctest/doctest.h>

#include "train/memory_report.h"

namespace rc {
namespace {

Config small() {
  Config config;
  config.data.img_size = 32;
  config.sampler.batch = 16, config.sampler.views = 1;
  return config;
}

size_t planned_bytes(Device& device, Config config, int64_t batch) {
  config.sampler.batch = int(batch);
  return trace_step(device, config, StepKind::training).bytes();
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("the largest batch: the last multiple of a step whose need is within the limit") {
    const auto need = [](int64_t batch) { return size_t(100 + 10 * batch); };
    CHECK(largest_batch(need, 1140, 4, 65536) == 104);
    CHECK(largest_batch(need, 1139, 4, 65536) == 100);
    CHECK(largest_batch(need, 1140, 1, 65536) == 104);
    CHECK(largest_batch(need, 140, 4, 65536) == 4);
    CHECK(largest_batch(need, 139, 4, 65536) == 0);
    CHECK(largest_batch(need, size_t(1) << 40, 4, 1000) == 1000);
  }
}

TEST_SUITE("host") {
  // oneDNN's workspaces, as the assumption of an outline has it, grow at most in proportion to the images.
  TEST_CASE("an outline is exact where it was learnt, and promises no more than a real plan elsewhere") {
    const auto device = open_device("cpu");
    const size_t known = planned_bytes(*device, small(), 16);
    MemoryOutline outline(*device, small(), StepKind::training, known);
    CHECK(outline.bytes(16) == known);
    for (const int64_t batch : {20, 32, 64}) {
      CAPTURE(batch);
      CHECK(outline.bytes(batch) >= planned_bytes(*device, small(), batch));
      CHECK(outline.bytes(batch) <= size_t(double(known) * double(batch) / 16));
    }
    outline.learn(64, planned_bytes(*device, small(), 64));
    CHECK(outline.bytes(64) == planned_bytes(*device, small(), 64));
  }

  TEST_CASE("the largest batch is one that the device planned, and the next one is too large") {
    const auto device = open_device("cpu");
    const TracedStep step = trace_step(*device, small(), StepKind::training);
    for (const double factor : {0.9, 1.0, 1.3}) {
      CAPTURE(factor);
      const auto available = size_t(factor * double(step.bytes()));
      const int64_t batch =
          largest_planned_batch(*device, small(), StepKind::training, step.bytes(), available);
      CHECK(batch >= (factor < 1 ? 0 : 16));
      CHECK(batch % 4 == 0);
      if (batch > 0) CHECK(planned_bytes(*device, small(), batch) <= available);
      CHECK(planned_bytes(*device, small(), batch + 4) > available);
    }
  }

  TEST_CASE("a device whose plans end: the largest batch is the last that it has plans for") {
    // Plans as the CPU's, for up to 37 images.
    class Ending : public Device {
     public:
      std::unique_ptr<Device> host = open_device("cpu");
      int plans = 0;
      std::string name() const override { return host->name(); }
      std::string description() const override { return host->description(); }
      Where where() const override { return host->where(); }
      bool asynchronous() const override { return false; }
      Memory reserve(size_t bytes) override { return host->reserve(bytes); }
      size_t reserved() const override { return 0; }
      size_t available() const override { return 0; }
      void upload(void*, const void*, size_t) override {}
      void feed(std::span<const Transfer>) override {}
      void download(void*, const void*, size_t) override {}
      std::unique_ptr<Arrival> fetch(std::span<const Tensor>) override { return nullptr; }
      void fill_zero(void*, size_t) override {}
      void synchronize() override {}
      std::unique_ptr<Recording> record(std::function<void()>) override { return nullptr; }
      int64_t activation_block(DType t, int64_t c) const override { return host->activation_block(t, c); }
      std::unique_ptr<Plan> plan(const ConvDesc& d, Direction direction, const Policy& policy) override {
        if (d.n > 37) throw Error(Exit::device, "no plan for so many images");
        return host->plan(d, direction, policy);
      }
      std::unique_ptr<Plan> plan(const GemmDesc& d, const Policy& policy) override {
        return host->plan(d, policy);
      }
    };
    Ending device;
    const TracedStep step = trace_step(device, small(), StepKind::training);
    CHECK(largest_planned_batch(device, small(), StepKind::training, step.bytes(), size_t(1) << 31) == 36);
  }

  TEST_CASE("what a step takes is what a run of it reserves") {
    const auto device = open_device("cpu");
    const TracedStep step = trace_step(*device, small(), StepKind::training);
    step.variables->allocate(*device);
    step.program->prepare();
    const StepMemory m = memory_of(*step.program);
    CHECK(m.total() == device->reserved());
    CHECK(m.arena == step.program->arena_bytes());
    CHECK(m.optimizer == 2 * m.parameters);  // Adam's moments
    CHECK(m.staging == 0);                   // the CPU's inputs are where they are used
  }

  TEST_CASE("out of memory: the error has the plan, the batch that fits and exit code 5") {
    const auto device = open_device("cpu");
    Config config = small();
    config.sampler.batch = 4096, config.data.img_size = 512;
    const TracedStep step = trace_step(*device, config, StepKind::training);
    const Error error = out_of_memory(*step.program, config, Error(Exit::memory, "the device said so"));
    CHECK(error.code() == Exit::memory);
    CHECK(std::string(error.what())
              .find("arena " + std::to_string((step.program->arena_bytes() + (1 << 19)) >> 20)) !=
          std::string::npos);
    CHECK(error.where().find("4096 images") != std::string::npos);
    CHECK(error.hint().find("the largest batch that fits is about ") == 0);
  }
}

}  // namespace rc
