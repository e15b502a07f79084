// Ten steps of a network small enough for every checker: convolutions, norms, pooling, the whole
// objective with its queue, the update and the moving average, through the real CUDA device.
#include <doctest/doctest.h>

#include "engine/cuda/cuda_device.h"
#include "kernels/scalars.h"
#include "model/init.h"
#include "model/layers.h"
#include "model/ops/add.h"
#include "model/ops/contrastive_loss.h"
#include "model/ops/cross_entropy.h"
#include "model/ops/image.h"
#include "model/ops/optimizer.h"
#include "model/ops/pooling.h"
#include "tests/emulated/emulator.h"
#include "tests/emulated/host_vendor.h"
#include "tests/emulated/memory.h"
#include "tests/parity/training_case.h"

namespace rc {
namespace {

constexpr int64_t kWidth = 16, kEmbedding = 8;

class TinyNetwork {
 public:
  TinyNetwork(std::unique_ptr<Device> on, DType precision, ContrastiveKernel kernel)
      : device_(std::move(on)) {
    auto graph = std::make_unique<Graph>(*device_, variables_, Policy{.precision = precision}, true);
    pixels_ = graph->input({DType::u8, {kCaseBatch, kCaseSize, kCaseSize, 3}});
    flip_ = graph->input({DType::u8, {kCaseBatch}});
    label_ = graph->input({DType::i32, {kCaseBatch}});
    tuple_ = graph->input({DType::i32, {kCaseBatch}});
    scalars_ = graph->input({DType::f32, {kScalars}});
    step_ = graph->input({DType::i32, {1}});

    const Layers layers{*graph, 1};
    Value x = normalise_images(pixels_, flip_, 0.5f, 0.5f);
    x = layers.norm(layers.conv(x, "conv1", kWidth, 3, 2, 1), "bn1", Activation::relu);
    x = max_pool(x, 3, 2, 1);
    x = layers.norm(layers.conv(x, "conv2", kWidth, 3, 1, 1), "bn2", Activation::relu, x);
    const Value features = global_average_pool(x);
    const CrossEntropyValues ce = cross_entropy(layers.linear(features, "fc", 2), label_, scalars_);
    const Value hidden = layers.linear(features, "head.0", kWidth, true);
    const Value embedding = layers.linear(hidden, "head.2", kEmbedding);

    const Value centre = graph->variable(variables_.buffer("centre", {DType::f32, {2, kEmbedding}}));
    const Value started = graph->variable(variables_.buffer("started", {DType::i32, {2}}));
    KeyOptions options;
    options.centres = 2, options.hard_set = HardSet::anchor, options.queue = 5;
    options.pairs = 3, options.with_centre = 2, options.hard_fakes = 3, options.share = 0.5f;
    options.extrapolation = Extrapolation::geodesic;
    const ContrastiveKeys keys =
        contrastive_keys(embedding, label_, centre, started, scalars_, step_, options);
    const Value objective = contrastive_loss(keys, label_, tuple_, scalars_,
                                             {.form = ContrastiveForm::separate, .kernel = kernel});
    losses_[0] = ce.loss, losses_[1] = objective;
    for (const Value loss : losses_) graph->keep(loss);
    graph->backward(losses_, add);
    update_parameters(*graph, scalars_, {.weight_decay = 1e-4, .clip_norm = 1, .ema_decay = 0.9},
                      "head.0.weight");
    program_ = std::make_unique<Program>(std::move(graph));
    variables_.allocate(*device_);
    program_->prepare();
  }

  // The sum of both losses.
  double step(int64_t number) {
    const Batch batch = batch_of(uint32_t(number));
    const float scalars[kScalars] = {1e-3f, float(number + 1), float(number + 1), 0.5f, 0.5f, 1, 1};
    const auto index = int32_t(number);
    const auto input = [&](Value v, const void* data) {
      return Transfer{program_->tensor(v).data, data, v.desc().bytes()};
    };
    device_->feed(std::array{input(pixels_, batch.pixels.data()), input(flip_, batch.flip.data()),
                             input(label_, batch.label.data()), input(tuple_, batch.tuple.data()),
                             input(scalars_, scalars), input(step_, &index)});
    program_->run();
    double sum = 0;
    for (const Value loss : losses_) {
      float value = 0;
      device_->download(&value, program_->tensor(loss).data, sizeof value);
      sum += double(value);
    }
    return sum;
  }
  std::vector<float> weights() const { return flat(variables_.flat_parameters()); }
  std::vector<float> gradients() const { return flat(variables_.flat_gradients()); }

 private:
  std::vector<float> flat(const float* data) const {
    std::vector<float> out(size_t(variables_.flat_size()));
    device_->download(out.data(), data, out.size() * sizeof(float));
    return out;
  }

  std::unique_ptr<Device> device_;
  Variables variables_;
  Value pixels_, flip_, label_, tuple_, scalars_, step_;
  std::array<Value, 2> losses_;
  std::unique_ptr<Program> program_;
};

}  // namespace

TEST_SUITE("emulated") {
  // Sums of up to 2048 pixels in another order differ by log2(2048) = 11 roundings of 2^-24, and ten such ops
  // follow each other: 7e-6 of the gradient. Adam then divides each element by its own size, so that one of
  // mere rounding moves as far as any other: after that the two ways are held to 1 % of their length.
  TEST_CASE("ten steps of a tiny network, with the loss in both ways") {
    const OrdinaryMemory ordinary;
    const NoComplaints from_the_emulator;
    for (const auto kernel : {ContrastiveKernel::materialised, ContrastiveKernel::fused}) {
      TinyNetwork host(std::make_unique<PlainHostDevice>(), DType::f32, kernel),
          cuda(std::make_unique<CudaDevice>(0, open_host_vendor), DType::f32, kernel);
      const std::vector<float> start = host.weights();
      CHECK(cuda.weights() == start);
      for (int64_t step = 0; step < 10; ++step) {
        CAPTURE(step);
        CHECK(cuda.step(step) == doctest::Approx(host.step(step)).epsilon(step == 0 ? 1e-6 : 1e-3));
        if (step == 0) CHECK(distance(cuda.gradients(), host.gradients()) < 7e-6);
        CHECK(distance(cuda.weights(), host.weights()) < 0.01 * distance(start, host.weights()));
      }
    }
  }

  TEST_CASE("ten steps of a tiny network in bf16") {
    const OrdinaryMemory ordinary;
    const NoComplaints from_the_emulator;
    const auto kernel = ContrastiveKernel::fused;
    TinyNetwork host(std::make_unique<PlainHostDevice>(), DType::bf16, kernel),
        full(std::make_unique<PlainHostDevice>(), DType::f32, kernel),
        cuda(std::make_unique<CudaDevice>(0, open_host_vendor), DType::bf16, kernel);
    for (int64_t step = 0; step < 10; ++step) {
      CAPTURE(step);
      host.step(step), cuda.step(step), full.step(step);
      // No further from the CPU's bf16 than that is from fp32.
      CHECK(distance(cuda.weights(), host.weights()) < distance(host.weights(), full.weights()));
    }
  }
}

}  // namespace rc
