// A plan's arithmetic on numbers worked out by hand, and its report on a real step.
#include "train/step_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "train/arena_map.h"
#include "train/arena_svg.h"
#include "train/step_plan_json.h"
#include "train/step_plan_text.h"

namespace rc {
namespace {

// Round peaks: 1 TB/s; 1 TFLOP/s on CUDA cores, 10 in TF32, 100 in bf16.
Gpu round_gpu() {
  return {.name = "Round",
          .capability = 90,
          .multiprocessors = 100,
          .memory_bytes = 1e10,
          .memory_bandwidth = 1e12,
          .fp32 = 1e12,
          .tf32 = 1e13,
          .bf16 = 1e14,
          .cudnn_json = {}};
}

// Two ops in 1000 bytes: 3 ms bound by compute, 1 ms by memory.
StepPlan by_hand() {
  StepPlan plan;
  plan.gpu = round_gpu(), plan.images = 8, plan.memory.arena = 1000;
  PlannedOp conv, norm;
  conv.scope = "conv1", conv.name = "conv2d.data_grad", conv.engine = "eng7", conv.phase = Phase::backward;
  conv.flops = 3e9, conv.bytes = 1e6, conv.alive = 900, conv.time = {3e-3, Bound::compute};
  norm.name = "batch_norm", norm.flops = 1, norm.bytes = 1e9, norm.alive = 1000;
  norm.time = {1e-3, Bound::memory};
  plan.ops = {norm, conv};
  plan.buffers = {{"x", BufferKind::activation, 0, 900, 0, 1}, {"dx", BufferKind::gradient, 900, 100, 0, 0}};
  return plan;
}

TracedStep traced(Device& device, StepKind kind = StepKind::training) {
  Config config;
  config.data.img_size = 64, config.sampler.batch = 8;
  return trace_step(device, config, kind);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("the roofline is the longer of FLOPs and bytes at their peaks") {
    const Gpu gpu = round_gpu();
    const Policy strict, tf32 = {.tf32 = true};
    const auto time = [&](const Cost& cost, const Policy& policy) { return roofline(cost, policy, gpu); };
    CHECK(time({2e9, 1e9}, strict).seconds == doctest::Approx(2e-3));
    CHECK(time({2e9, 1e9}, strict).bound == Bound::compute);
    CHECK(time({1e9, 2e9}, strict).seconds == doctest::Approx(2e-3));
    CHECK(time({1e9, 2e9}, strict).bound == Bound::memory);
    CHECK(time({2e9, 0, DType::bf16}, strict).seconds == doctest::Approx(2e-5));
    CHECK(time({2e9, 0, DType::f32}, tf32).seconds == doctest::Approx(2e-4));
    CHECK(time({2e9, 0, DType::f32}, strict).seconds == doctest::Approx(2e-3));
    CHECK(time({2e9, 0}, tf32).seconds == doctest::Approx(2e-3));  // no product: not for tensor cores
    CHECK(time({2e9, 0, DType::bf16}, strict).tensor_cores);
    CHECK_FALSE(time({2e9, 0, DType::f32}, strict).tensor_cores);
  }

  TEST_CASE("what a plan comes to, by hand") {
    const StepPlan plan = by_hand();
    CHECK(plan.seconds() == doctest::Approx(4e-3));
    CHECK(plan.images_per_second() == doctest::Approx(2000));
    CHECK(plan.flops() == 3e9 + 1);
    CHECK(plan.peak_op() == 0);
    CHECK(plan.alive_by_kind(0) == std::vector<size_t>{900, 100, 0, 0});
    CHECK(plan.alive_by_kind(1) == std::vector<size_t>{900, 0, 0, 0});
    CHECK(plan.turns().backward == 1);
    CHECK(plan.turns().update == 2);
    const std::vector<PlanShare> kinds = shares(plan, kind_of);
    REQUIRE(kinds.size() == 2);
    CHECK(kinds[0].name == "batch_norm");
    CHECK(kinds[1].name == "conv2d");
    CHECK(kinds[1].seconds == doctest::Approx(3e-3));
    CHECK(kinds[1].bound() == Bound::compute);
  }

  TEST_CASE("its tables say so: three quarters, one quarter, and an engine that leaves tensor cores alone") {
    StepPlan plan = by_hand();
    const std::string time = time_table(plan);
    CHECK(contains(time, "75.0 %"));
    CHECK(contains(time, "25.0 %"));
    CHECK(contains(time, "forward 25.0 %, backward 75.0 %"));
    CHECK(contains(memory_table(plan), "fullest at op 0, batch_norm"));
    CHECK(contains(layer_table(plan), "3000.0"));
    CHECK_FALSE(contains(op_table(plan), "eng7*"));
    plan.policy.precision = DType::bf16;
    CHECK(contains(op_table(plan), "eng7*"));
  }

  TEST_CASE("the map in characters: each cell shows who fills it") {
    CHECK(arena_map(by_hand(), 2, 10) ==
          "0 MiB │▓\n"
          "      │██\n      │██\n      │██\n      │██\n      │██\n      │██\n      │██\n      │██\n"
          "    0 │██\n"
          "      └└\n"
          "       █ activation  ▓ gradient  ▒ workspace  ░ input\n");
  }
}

TEST_SUITE("host") {
  TEST_CASE("a real step: the shares are all of the time, and every op is in one") {
    const auto device = open_device("cpu");
    const StepPlan plan = plan_step(traced(*device), round_gpu());
    double seconds = 0;
    int ops = 0;
    for (const PlanShare& kind : shares(plan, kind_of)) seconds += kind.seconds, ops += kind.ops;
    // Two orders of summing positive numbers: each differs from the exact sum by at most n roundings of it.
    CHECK(std::abs(seconds - plan.seconds()) <= 2 * double(plan.ops.size()) * 0x1p-53 * seconds);
    CHECK(ops == int(plan.ops.size()));
    CHECK(std::ranges::any_of(plan.ops, [](const PlannedOp& op) { return op.phase == Phase::recomputed; }));
    CHECK(plan.ops.back().phase == Phase::update);
  }

  TEST_CASE("a real step: buffers alive together are apart, and reach exactly the arena's end") {
    const auto device = open_device("cpu");
    for (const StepKind kind : {StepKind::training, StepKind::inference}) {
      const TracedStep step = traced(*device, kind);
      const StepPlan plan = plan_step(step, round_gpu());
      size_t top = 0;
      int together = 0, clashes = 0;
      for (size_t i = 0; i < plan.buffers.size(); ++i) {
        const PlannedBuffer& a = plan.buffers[i];
        top = std::max(top, a.offset + (a.bytes + 63) / 64 * 64);
        for (size_t j = 0; j < i; ++j) {
          const PlannedBuffer& b = plan.buffers[j];
          if (a.first > b.last || b.first > a.last) continue;
          ++together;
          clashes += a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
        }
      }
      CHECK(together > 0);
      CHECK(clashes == 0);
      CHECK(top == step.program->arena_bytes());
      CHECK(plan.memory.arena == step.program->arena_bytes());
      for (size_t op = 0; op < plan.ops.size(); ++op) {
        size_t alive = 0;
        for (const size_t bytes : plan.alive_by_kind(op)) alive += bytes;
        CHECK(alive == plan.ops[op].alive);
      }
    }
  }

  TEST_CASE("a real step: the picture has a rectangle a buffer, and tables and JSON every op") {
    const auto device = open_device("cpu");
    const StepPlan plan = plan_step(traced(*device), round_gpu());
    const std::string svg = arena_svg(plan, "a < b & c");
    size_t titles = 0;
    for (size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at + 1)) ++titles;
    CHECK(titles == plan.buffers.size());
    CHECK(contains(svg, "a &lt; b &amp; c"));
    CHECK(svg == arena_svg(plan, "a < b & c"));
    CHECK(std::ranges::count(op_table(plan), '\n') == std::ptrdiff_t(plan.ops.size()) + 2);

    const PlannedGpu planned = {plan, "by hand", "cpu", size_t(1) << 30, 24, ""};
    const auto json = to_json({planned, planned}, "a step");
    CHECK(json["plans"].size() == 2);
    CHECK(json["plans"][0]["ops"].size() == plan.ops.size());
    CHECK(json["plans"][1]["buffers"].size() == plan.buffers.size());
    CHECK(json["plans"][0]["memory"]["total"] == plan.memory.total());
    CHECK(contains(comparison_table({planned, planned}), "24"));
    CHECK(contains(summary(planned, 2), "24 x 2 views"));
  }
}

}  // namespace rc
