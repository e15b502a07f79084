// A backbone with a classifier of two classes beside PyTorch: the weights and inputs of the golden files, and
// the comparison of what comes out with what they hold.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/program.h"
#include "kernels/scalars.h"
#include "model/backbone.h"
#include "model/ops/add.h"
#include "model/ops/cross_entropy.h"
#include "model/ops/optimizer.h"
#include "tests/golden/golden.h"

namespace rc {

// PyTorch keeps filters as [K, C, R, S], we as [K, R, S, C].
inline std::vector<float> to_krsc(const std::vector<float>& kcrs, const Shape& krsc) {
  std::vector<float> out(kcrs.size());
  const int64_t k = krsc[0], r = krsc[1], s = krsc[2], c = krsc[3];
  for (int64_t i = 0, from = 0; i < k; ++i)
    for (int64_t j = 0; j < c; ++j)
      for (int64_t p = 0; p < r * s; ++p, ++from) out[size_t((i * r * s + p) * c + j)] = kcrs[size_t(from)];
  return out;
}
inline std::vector<float> to_pytorch(const Tensor& t) {
  const float* values = t.as<float>();
  std::vector<float> out(values, values + t.shape.numel());
  if (t.shape.rank() != 4) return out;
  const int64_t k = t.shape[0], r = t.shape[1], s = t.shape[2], c = t.shape[3];
  for (int64_t i = 0, to = 0; i < k; ++i)
    for (int64_t j = 0; j < c; ++j)
      for (int64_t p = 0; p < r * s; ++p, ++to) out[size_t(to)] = values[(i * r * s + p) * c + j];
  return out;
}

// [N, 3, H, W] to [N, H, W, 3].
inline std::vector<Bf16> to_pixels(const std::vector<float>& planes, const Shape& nchw) {
  std::vector<Bf16> out(planes.size());
  const size_t pixels = size_t(nchw[2] * nchw[3]);
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = Bf16(planes[(i / (3 * pixels) * 3 + i % 3) * pixels + i / 3 % pixels]);
  return out;
}

inline Shape shape_of(const golden::Json& j) { return {j[0], j[1], j[2], j[3]}; }

struct GoldenNetwork {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value images, label, scalars, logits, loss;
  std::unique_ptr<Program> program;

  // Images in fp32 are planar, as PyTorch has them.
  static bool planar(const Policy& policy) { return policy.precision == DType::f32; }

  // Nothing is dropped at random.
  GoldenNetwork(const Backbone& backbone, const Shape& nchw, bool training,
                const OptimizerOptions* optimizer = nullptr, const Policy& policy = {}) {
    auto graph = std::make_unique<Graph>(*device, variables, policy, training);
    images = graph->input({policy.precision, {nchw[0], nchw[2], nchw[3], 3}, planar(policy) ? 1 : 0});
    label = graph->input({DType::i32, {nchw[0]}});
    scalars = graph->input({DType::f32, {kScalars}});
    const Layers layers{*graph};
    logits = layers.linear(backbone.features(layers, images), backbone.classifier, 2);
    graph->keep(logits);
    if (training) {
      loss = cross_entropy(logits, label, scalars).loss;
      graph->keep(loss);
      graph->backward(std::array{loss}, add);
      if (optimizer) update_parameters(*graph, scalars, *optimizer);
    }
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
    for (const auto& v : variables.all()) {
      if (!v->trained) continue;
      const Shape& s = v->desc.shape;
      std::vector<int64_t> shape(s.dims().begin(), s.dims().end());
      if (s.rank() == 4) shape = {s[0], s[3], s[1], s[2]};
      std::vector<float> values = golden::parameter(v->name, shape);
      if (s.rank() == 4) values = to_krsc(values, s);
      device->upload(variables.tensor(*v).data, values.data(), v->desc.bytes());
    }
  }

  void run(const std::string& input, const Shape& nchw, const std::vector<int32_t>& labels, float rate,
           int step) {
    const std::vector<float> batch = golden::image_batch(input, nchw[0], nchw[2], nchw[3]);
    float numbers[kScalars] = {};
    numbers[kLearningRate] = rate, numbers[kStep] = float(step), numbers[kCrossEntropyWeight] = 1;
    if (planar(program->graph().policy())) {
      device->upload(program->tensor(images).data, batch.data(), images.desc().bytes());
    } else {
      const std::vector<Bf16> pixels = to_pixels(batch, nchw);
      device->upload(program->tensor(images).data, pixels.data(), images.desc().bytes());
    }
    device->upload(program->tensor(label).data, labels.data(), label.desc().bytes());
    device->upload(program->tensor(scalars).data, numbers, scalars.desc().bytes());
    program->run();
  }
  std::span<const float> values(Value v) const {
    return {program->tensor(v).as<float>(), size_t(v.shape().numel())};
  }

  // Checks all stored tensors, gradients or else weights or statistics.
  void check_all(const golden::Json& summaries, bool gradients) const {
    for (const golden::Summary s : summaries) {
      const Variable* v = variables.find(s.name);
      REQUIRE_MESSAGE(v, s.name);
      const double excess =
          golden::excess(s, to_pytorch(gradients ? variables.gradient(*v) : variables.tensor(*v)));
      INFO(s.name << " is off by " << excess);
      CHECK(excess <= golden::kAllowed);
    }
  }
};

}  // namespace rc
