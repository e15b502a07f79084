// Whole training steps: memory, determinism, learning one batch by heart, precision, numerical failure.
#include "train/trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/train/noise_batch.h"
#include "train/scorer.h"

namespace rc {
namespace {

constexpr int kBatch = 8, kSize = 32;

struct Setup {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  DetectorOptions detector;
  std::unique_ptr<Trainer> trainer;

  explicit Setup(Objective objective = Objective::real_centric, DType precision = DType::f32) {
    detector.objective = objective;
    trainer = std::make_unique<Trainer>(*device, variables, detector,
                                        OptimizerOptions{.weight_decay = 1e-4, .clip_norm = 5},
                                        Policy{.precision = precision}, kBatch, kSize);
    variables.allocate(*device);
    trainer->prepare();
  }
  StepResult step(int64_t number, double rate = 1e-3, double weight = 0.5) {
    return trainer->step(noise_batch(kBatch, kSize),
                         {.rate = rate,
                          .cross_entropy_weight = 0.5,
                          .objective_weight = weight,
                          .objective_step = weight > 0 ? number + 1 : 0,
                          .hard_positives = true,
                          .hard_negatives = true},
                         number);
  }
  std::vector<float> weights() const {
    return {variables.flat_parameters(), variables.flat_parameters() + variables.flat_size()};
  }
};

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("what the planner says is what is reserved, and no step reserves more") {
    Setup s;
    const size_t reserved = s.device->reserved();
    CHECK(reserved == s.trainer->program().arena_bytes() + s.variables.bytes());
    for (int i = 0; i < 3; ++i) s.step(i);
    CHECK(s.device->reserved() == reserved);
  }

  TEST_CASE("training repeats to the bit") {
    Setup a, b;
    for (int i = 0; i < 4; ++i) CHECK(a.step(i).loss == b.step(i).loss);
    CHECK(a.weights() == b.weights());
  }

  TEST_CASE("one batch is learnt by heart, by every objective") {
    for (const Objective objective : {Objective::cross_entropy, Objective::real_centric,
                                      Objective::single_centre, Objective::consistency}) {
      CAPTURE(int(objective));
      Setup s(objective);
      const StepResult at_first = s.step(0);
      const double first = at_first.cross_entropy;
      CHECK((at_first.objective == 0) == (objective == Objective::cross_entropy));
      CHECK(at_first.loss == doctest::Approx(0.5 * first + 0.5 * at_first.objective));
      StepResult last;
      for (int i = 1; i < 40; ++i) last = s.step(i);
      CHECK(last.cross_entropy < 0.1 * first);
      CHECK(last.accuracy == 1);
      if (objective != Objective::cross_entropy) CHECK(last.objective < at_first.objective);
      if (objective == Objective::real_centric)  // fakes are pushed off the centre of natural faces
        CHECK(last.fake_distance > last.real_distance + 0.2);
    }
  }

  TEST_CASE("a head whose loss has not begun stands still, weight decay or not") {
    Setup s;
    const auto head = [&] {
      const Variable& v = *s.variables.find("projection.2.weight");
      const float* w = s.variables.tensor(v).as<float>();
      return std::vector<float>(w, w + v.desc.shape.numel());
    };
    const std::vector<float> first = head();
    for (int i = 0; i < 3; ++i) s.step(i, 1e-3, 0);
    CHECK(head() == first);
    s.step(3);
    CHECK(head() != first);
  }

  TEST_CASE("bf16 follows fp32 and keeps fp32 weights") {
    Setup full, half(Objective::real_centric, DType::bf16);
    const double a = full.step(0).loss, b = half.step(0).loss;
    CHECK(b == doctest::Approx(a).epsilon(0.05));  // 2^-9 a rounding, through twenty layers
    CHECK(b != a);
    StepResult last;
    for (int i = 1; i < 40; ++i) last = half.step(i);
    CHECK(last.accuracy == 1);
  }

  TEST_CASE("a gradient that is not finite stops training with the weights as they were") {
    Setup s;
    s.step(0);
    float* weight = s.variables.tensor(*s.variables.find("fc.weight")).as<float>();
    *weight = std::numeric_limits<float>::infinity();
    const std::vector<float> before = s.weights();
    CHECK_THROWS_WITH_AS(s.step(1), doctest::Contains("not finite"), Error);
    CHECK(s.weights() == before);
  }

  TEST_CASE("a scorer follows the weights that training changed between its runs, in the same memory") {
    Setup s;
    const Image grey(kSize, kSize);
    const auto score = [&](Scorer& scorer) { return scorer.run(1, [&](size_t) { return grey; })[0]; };
    Scorer kept(*s.device, s.variables, s.detector, Policy{}, 2, kSize);
    kept.prepare(s.trainer->arena());
    float before = std::numeric_limits<float>::quiet_NaN();
    for (int i = 0; i < 3; ++i) {
      s.step(i, 1e-2);
      Scorer fresh(*s.device, s.variables, s.detector, Policy{}, 2, kSize);
      fresh.prepare();
      const Score now = score(kept);
      CHECK(now.logit_fake == score(fresh).logit_fake);
      CHECK(now.logit_fake != before);
      before = now.logit_fake;
    }
  }

  TEST_CASE("a score does not depend on the batch around it") {
    Setup s;
    for (int i = 0; i < 3; ++i) s.step(i);
    const Batch batch = noise_batch(kBatch, kSize);
    const auto image = [&](size_t i) {
      Image one(kSize, kSize);
      std::copy_n(batch.pixels.begin() + long(i * one.rgb.size()), one.rgb.size(), one.rgb.begin());
      return one;
    };
    const auto scores = [&](int64_t size) {
      Scorer scorer(*s.device, s.variables, s.detector, Policy{}, size, kSize);
      scorer.prepare(s.trainer->arena());
      return scorer.run(kBatch, image);
    };
    const auto together = scores(8), apart = scores(3);
    for (size_t i = 0; i < kBatch; ++i) {
      CHECK(together[i].logit_fake == doctest::Approx(apart[i].logit_fake).epsilon(1e-4));
      CHECK(together[i].distance == doctest::Approx(apart[i].distance).epsilon(1e-3));
      CHECK(together[i].prob_fake() > 0);
      CHECK(together[i].prob_fake() < 1);
    }
  }
}

}  // namespace rc
