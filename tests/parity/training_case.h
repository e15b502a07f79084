// ResNet-18 with the whole objective, trained on images of noise: what is run on the CPU and on the GPU to be
// compared.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/host_device.h"
#include "engine/rng.h"
#include "train/trainer.h"

namespace rc {

inline constexpr int kCaseBatch = 8, kCaseSize = 32;

// A convolution that gives no moments: a kernel takes the statistics, in the order that it has everywhere.
class WithoutMoments : public Plan {
 public:
  explicit WithoutMoments(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {}
  std::string engine() const override { return plan_->engine(); }
  size_t workspace() const override { return plan_->workspace(); }
  void run(const void* a, const void* b, void* out, void* workspace) override {
    plan_->run(a, b, out, workspace);
  }

 private:
  std::unique_ptr<Plan> plan_;
};

// The CPU with the GPU's storage of activations, so that both convolutions are the same primitive, and with
// its statistics.
class PlainHostDevice : public HostDevice {
 public:
  int64_t activation_block(DType, int64_t) const override { return 0; }
  using HostDevice::plan;
  std::unique_ptr<Plan> plan(const ConvDesc& d, Direction direction, const Policy& policy) override {
    return std::make_unique<WithoutMoments>(HostDevice::plan(d, direction, policy));
  }
};

inline Batch batch_of(uint32_t step) {
  Batch b;
  b.count = kCaseBatch, b.size = kCaseSize;
  Rng rng(1, Purpose::test, step);
  for (int i = 0; i < kCaseBatch * kCaseSize * kCaseSize * 3; ++i)
    b.pixels.push_back(uint8_t(rng.below(256)));
  for (int i = 0; i < kCaseBatch; ++i)
    b.flip.push_back(uint8_t(rng.below(2))), b.label.push_back(i % 2), b.tuple.push_back(i / 2);
  return b;
}

inline StepScalars scalars_of(int64_t step) {
  return {.rate = 1e-4,
          .cross_entropy_weight = 0.5,
          .objective_weight = 0.5,
          .objective_step = step + 1,
          .hard_positives = true,
          .hard_negatives = true};
}

// Training on one device.
struct TrainingCase {
  std::unique_ptr<Device> device;
  Variables variables;
  std::unique_ptr<Trainer> trainer;

  explicit TrainingCase(std::unique_ptr<Device> on, DType precision = DType::f32) : device(std::move(on)) {
    DetectorOptions detector;
    detector.projection = Projection::mlp_norm;
    detector.keys.queue = 16;
    trainer =
        std::make_unique<Trainer>(*device, variables, detector,
                                  OptimizerOptions{.weight_decay = 1e-4, .clip_norm = 5, .ema_decay = 0.9},
                                  Policy{.precision = precision}, kCaseBatch, kCaseSize);
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

// |a - b| / |b|, L2.
inline double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i)
    difference += std::pow(double(a[i]) - double(b[i]), 2), norm += std::pow(double(b[i]), 2);
  return std::sqrt(difference / norm);
}

}  // namespace rc
