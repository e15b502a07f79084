// Training of every backbone: the same bits again, the same bits after a stop and a resumption, and memory as
// planned.
#include <doctest/doctest.h>

#include <cmath>

#include "model/backbone.h"
#include "tests/train/noise_batch.h"
#include "train/trainer.h"

namespace rc {
namespace {

constexpr int kBatch = 8, kSize = 32;

DetectorOptions detector_of(const std::string& backbone) {
  DetectorOptions o;
  o.backbone = backbone;
  return o;
}

struct Run {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Trainer trainer;

  explicit Run(const std::string& backbone)
      : trainer(*device, variables, detector_of(backbone), {}, {}, kBatch, kSize) {
    variables.allocate(*device);
    trainer.prepare();
  }
  // Steps `from` to before `to`; the loss of the last.
  double steps(int64_t from, int64_t to) {
    double loss = 0;
    for (int64_t i = from; i < to; ++i)
      loss = trainer
                 .step(noise_batch(kBatch, kSize, i),
                       {.rate = 1e-3,
                        .cross_entropy_weight = 0.5,
                        .objective_weight = 0.5,
                        .objective_step = i + 1,
                        .hard_positives = true,
                        .hard_negatives = true},
                       i)
                 .loss;
    return loss;
  }
  // Everything that outlives a step, byte for byte: what a checkpoint holds.
  std::string state() const {
    std::string bytes;
    for (const auto& v : variables.all())
      bytes.append(static_cast<const char*>(variables.tensor(*v).data), v->desc.bytes());
    return bytes;
  }
  void restore(const std::string& state) {
    size_t at = 0;
    for (const auto& v : variables.all()) {
      device->upload(variables.tensor(*v).data, state.data() + at, v->desc.bytes());
      at += v->desc.bytes();
    }
  }
};

}  // namespace

TEST_SUITE("host") {
  // That files bring the state back is run_folder_test's and train_test's part.
  TEST_CASE("every backbone: the same bits in one go, resumed and again, in the planned memory") {
    for (const std::string& name : backbone_names()) {
      CAPTURE(name);
      Run run(name), other(name);
      const size_t reserved = run.device->reserved();
      CHECK(reserved == run.trainer.program().arena_bytes() + run.variables.bytes());
      const std::string start = run.state();
      run.steps(0, 1);
      const std::string middle = run.state();
      const double loss = run.steps(1, 2);
      CHECK(std::isfinite(loss));
      CHECK((middle != start));
      CHECK(run.device->reserved() == reserved);

      other.restore(middle);
      CHECK(other.steps(1, 2) == loss);
      CHECK((other.state() == run.state()));
      other.restore(start);
      CHECK(other.steps(0, 2) == loss);
      CHECK((other.state() == run.state()));
    }
  }
}

}  // namespace rc
