// Blocks computed again: the same bits for less memory, and as few of them as a limit asks for.
#include "train/recompute.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/train/noise_batch.h"
#include "train/detector_config.h"
#include "train/trainer.h"

namespace rc {
namespace {

constexpr int kBatch = 8, kSize = 128;

Config small(const std::string& recompute) {
  Config config;
  config.recompute = recompute;
  config.data.img_size = kSize, config.sampler.batch = kBatch, config.sampler.views = 1;
  return config;
}

// Weights, gradients, running statistics and moments after some steps, as bytes.
struct Trained {
  std::string bytes;
  size_t arena = 0;
};
Trained trained(const std::string& recompute, DType precision) {
  const auto device = open_device("cpu");
  const Config config = small(recompute);
  Variables variables;
  Policy policy = policy_of(config);
  policy.precision = precision;
  Trainer trainer(*device, variables, detector_options(config), optimizer_options(config), policy, kBatch,
                  kSize);
  variables.allocate(*device);
  trainer.prepare();

  const Batch batch = noise_batch(kBatch, kSize);
  for (int step = 0; step < 3; ++step)
    trainer.step(
        batch,
        {.rate = 1e-3, .cross_entropy_weight = 0.5, .objective_weight = 0.5, .objective_step = step + 1},
        step);

  Trained result{{}, trainer.program().arena_bytes()};
  for (const auto& v : variables.all()) {
    result.bytes.append(static_cast<const char*>(variables.tensor(*v).data), v->desc.bytes());
    if (v->trained)
      result.bytes.append(static_cast<const char*>(variables.gradient(*v).data), v->desc.bytes());
  }
  return result;
}

int computed_again(const Program& program) {
  return int(std::ranges::count(program.graph().nodes(), Phase::recomputed, &Node::phase));
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("what --recompute says") {
    CHECK(recompute_of("none")->blocks == 0);
    CHECK(recompute_of("3")->blocks == 3);
    CHECK(recompute_of("blocks")->blocks > 1000);
    CHECK(!recompute_of("blocks")->at_most);
    CHECK(recompute_of("auto:1000")->at_most == 1000);
    CHECK(recompute_of("auto:1.5K")->at_most == 1536);
    CHECK(recompute_of("auto:2MiB")->at_most == size_t(2) << 20);
    CHECK(recompute_of("auto:6GB")->at_most == size_t(6) << 30);
    for (const char* wrong : {"", "some", "-1", "3x", "auto", "auto:", "auto:-1", "auto:6T", "auto:6Gi",
                              "auto:nan", "auto:1e40G", "auto:1 G", " 1"})
      CHECK_MESSAGE(!recompute_of(wrong), wrong);
  }
}

TEST_SUITE("host") {
  TEST_CASE(
      "blocks that are computed again change no bit, running statistics included, and take less memory") {
    for (const DType precision : {DType::f32, DType::bf16}) {
      CAPTURE(int(precision));
      const Trained plain = trained("none", precision), some = trained("3", precision),
                    all = trained("blocks", precision);
      CHECK(some.bytes == plain.bytes);
      CHECK(all.bytes == plain.bytes);
      CHECK(some.arena < plain.arena);
      CHECK(all.arena < plain.arena);
    }
  }

  TEST_CASE("only as many blocks are computed again as a limit asks for") {
    const auto device = open_device("cpu");
    const auto bytes = [&](const std::string& recompute) {
      return trace_step(*device, small(recompute), StepKind::training).bytes();
    };
    const auto chosen = [&](size_t limit) {
      return with_recompute_chosen(*device, small("auto:" + std::to_string(limit))).recompute;
    };
    std::vector<size_t> taken;  // by number of blocks
    for (int blocks = 0; blocks <= 8; ++blocks) taken.push_back(bytes(std::to_string(blocks)));
    CHECK(taken.back() == bytes("blocks"));
    const size_t least = std::ranges::min(taken), none = taken[0];
    CHECK(chosen(none) == "0");
    CHECK_THROWS_AS(chosen(least - 1), Error);
    for (const size_t limit : {least, (least + none) / 2, none - 1}) {
      const int enough = std::stoi(chosen(limit));
      CHECK(taken[size_t(enough)] <= limit);
      for (int fewer = 0; fewer < enough; ++fewer) CHECK(taken[size_t(fewer)] > limit);
    }
  }

  TEST_CASE("the price of computing again is said") {
    const auto device = open_device("cpu");
    const TracedStep plain = trace_step(*device, small("none"), StepKind::training),
                     all = trace_step(*device, small("blocks"), StepKind::training);
    CHECK(recompute_text(*plain.program, small("none")).empty());
    const std::string text = recompute_text(*all.program, small("blocks"));
    CHECK(text.starts_with("8 of 8 blocks: the arena takes "));
    // A forward pass of the blocks' inner ops is a third of the step at most.
    const double more = all.program->flops() / plain.program->flops() - 1;
    CHECK(more > 0);
    CHECK(more < 1.0 / 3);
    CHECK(computed_again(*all.program) > computed_again(*plain.program));
  }
}

}  // namespace rc
