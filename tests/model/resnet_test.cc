// ResNet-18 beside PyTorch: logits, loss, every gradient and running statistic of one step, and twenty steps
// of SGD and Adam, from the same weights. The golden files hold PyTorch's float64 result and how far its own
// float32 runs are from it.
#include "model/resnet.h"

#include <doctest/doctest.h>

#include <array>

#include "engine/program.h"
#include "kernels/scalars.h"
#include "model/ops/add.h"
#include "model/ops/cross_entropy.h"
#include "model/ops/optimizer.h"
#include "tests/golden/golden.h"

namespace rc {
namespace {

using golden::kAllowed;

// PyTorch keeps filters as [K, C, R, S], we as [K, R, S, C].
std::vector<float> to_krsc(const std::vector<float>& kcrs, const Shape& krsc) {
  std::vector<float> out(kcrs.size());
  const int64_t k = krsc[0], r = krsc[1], s = krsc[2], c = krsc[3];
  for (int64_t i = 0, from = 0; i < k; ++i)
    for (int64_t j = 0; j < c; ++j)
      for (int64_t p = 0; p < r * s; ++p, ++from) out[size_t((i * r * s + p) * c + j)] = kcrs[size_t(from)];
  return out;
}
std::vector<float> to_pytorch(const Tensor& t) {
  const float* values = t.as<float>();
  std::vector<float> out(values, values + t.shape.numel());
  if (t.shape.rank() != 4) return out;
  const int64_t k = t.shape[0], r = t.shape[1], s = t.shape[2], c = t.shape[3];
  for (int64_t i = 0, to = 0; i < k; ++i)
    for (int64_t j = 0; j < c; ++j)
      for (int64_t p = 0; p < r * s; ++p, ++to) out[size_t(to)] = values[(i * r * s + p) * c + j];
  return out;
}

struct Net {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value images, label, scalars, logits, loss, facts;
  std::unique_ptr<Program> program;

  Net(const Shape& nchw, bool training, const OptimizerOptions* optimizer) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, training);
    images = graph->input({DType::f32, {nchw[0], nchw[2], nchw[3], 3}, 1});  // planar: PyTorch's order
    label = graph->input({DType::i32, {nchw[0]}});
    scalars = graph->input({DType::f32, {kScalars}});
    const Layers layers{*graph};
    logits = layers.linear(resnet18(layers, images), "fc", 2);
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
    device->upload(program->tensor(images).data, batch.data(), images.desc().bytes());
    device->upload(program->tensor(label).data, labels.data(), label.desc().bytes());
    device->upload(program->tensor(scalars).data, numbers, scalars.desc().bytes());
    program->run();
  }
  std::span<const float> values(Value v) const {
    return {program->tensor(v).as<float>(), size_t(v.shape().numel())};
  }

  // The worst excess over all stored tensors, weights or gradients or statistics.
  double worst(const golden::Json& summaries, bool gradients) const {
    double w = 0;
    for (const golden::Summary s : summaries) {
      const Variable* v = variables.find(s.name);
      REQUIRE(v);
      const double excess =
          golden::excess(s, to_pytorch(gradients ? variables.gradient(*v) : variables.tensor(*v)));
      INFO(s.name << " is off by " << excess);
      CHECK(excess <= kAllowed);
      w = std::max(w, excess);
    }
    return w;
  }
};

Shape shape_of(const golden::Json& j) { return {j[0], j[1], j[2], j[3]}; }

void twenty_steps(const std::string& file, const OptimizerOptions& optimizer) {
  const golden::Json g = golden::load(file);
  const Shape shape = shape_of(g["input"]["shape"]);
  Net net(shape, true, &optimizer);
  const auto names = g["input"]["names"].get<std::vector<std::string>>();
  const auto losses = g["losses"].get<std::vector<double>>(),
             errors = g["loss_errors"].get<std::vector<double>>();
  for (size_t step = 0; step < losses.size(); ++step) {
    net.run(names[step % names.size()], shape, g["labels"], g["settings"]["lr"], int(step) + 1);
    CAPTURE(step);
    CHECK(std::abs(double(net.values(net.loss)[0]) - losses[step]) <= kAllowed * errors[step]);
  }
  net.worst(g["weights"], false);
  net.worst(g["running"], false);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("one step of ResNet-18 equals PyTorch's: logits, loss, all gradients, running statistics") {
    const golden::Json g = golden::load("resnet18_step");
    const Shape shape = shape_of(g["input"]["shape"]);
    Net net(shape, true, nullptr);
    net.run(g["input"]["name"], shape, g["labels"], 0, 1);
    CHECK(golden::excess(g.at("logits"), net.values(net.logits)) <= kAllowed);
    CHECK(golden::excess(g.at("loss"), net.values(net.loss)) <= kAllowed);
    CHECK(g["gradients"].size() == 62);
    net.worst(g["gradients"], true);
    net.worst(g["running"], false);
  }

  TEST_CASE("ResNet-18 in inference uses the running statistics as PyTorch does") {
    const golden::Json g = golden::load("resnet18_step");
    const Shape shape = shape_of(g["input"]["shape"]);
    Net trained(shape, true, nullptr), net(shape, false, nullptr);
    trained.run(g["input"]["name"], shape, g["labels"], 0, 1);
    for (const auto& v : trained.variables.all())
      net.device->upload(net.variables.tensor(*net.variables.find(v->name)).data,
                         trained.variables.tensor(*v).data, v->desc.bytes());
    net.run(g["input"]["name"], shape, g["labels"], 0, 1);
    CHECK(golden::excess(g.at("eval_logits"), net.values(net.logits)) <= kAllowed);
  }

  TEST_CASE("twenty steps of SGD stay as near to float64 as PyTorch's float32") {
    twenty_steps("resnet18_sgd",
                 {.kind = OptimizerOptions::Kind::sgd, .momentum = 0.9, .weight_decay = 5e-4});
  }
  TEST_CASE("twenty steps of Adam stay as near to float64 as PyTorch's float32") {
    twenty_steps("resnet18_adam", {.kind = OptimizerOptions::Kind::adam, .weight_decay = 5e-4});
  }

  TEST_CASE("ResNet-18 has torchvision's parameters") {
    const auto device = open_device("cpu");
    Variables variables;
    Graph graph(*device, variables, Policy{}, false);
    const Layers layers{graph};
    layers.linear(resnet18(layers, graph.input({DType::f32, {1, 64, 64, 3}, 1})), "fc", 1000);
    CHECK(variables.parameter_count() == 11689512);
  }
}

}  // namespace rc
