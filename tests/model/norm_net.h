// A small network with a norm behind its first layer: what the tests of ops that apply a norm themselves
// share.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/program.h"
#include "engine/rng.h"
#include "model/ops/add.h"
#include "model/ops/batch_norm.h"
#include "model/ops/depthwise.h"
#include "tests/engine/weighted_sum.h"

namespace rc {

// In training on the CPU, of values in [-1, 1) and 32 channels.
class NormNet {
  std::unique_ptr<Device> device_ = open_device("cpu");

 public:
  Variables variables;
  Value x;  // what a 3x3 filter a channel makes of the pixels
  BatchNormVariables norm;

  NormNet(int64_t height, int64_t width, int64_t block) {
    pixels_ = graph_->input({DType::f32, {2, height, width, 32}, block});
    x = depthwise_conv2d(pixels_, parameter("first", {32, 3, 3, 1}, 1), 1, 1);
    norm = {parameter("gamma", {32}, 2), parameter("beta", {32}, 3), buffer("mean"), buffer("var")};
  }
  Value parameter(const char* name, const Shape& shape, uint32_t stream) {
    return graph_->variable(variables.parameter(name, shape, reals(stream)));
  }
  // A step whose loss is a weighted sum of y: the bytes of all gradients and running statistics.
  std::string run(Value y) {
    const Value loss = graph_->add(std::make_shared<WeightedSum>(), {y}, TensorDesc{DType::f32, {1}});
    graph_->backward(std::array{loss}, add);
    program_ = std::make_unique<Program>(std::move(graph_));
    variables.allocate(*device_);
    program_->prepare();
    std::vector<float> values(size_t(pixels_.shape().numel()));
    reals(4)(values);
    device_->upload(program_->tensor(pixels_).data, values.data(), pixels_.desc().bytes());
    program_->run();
    std::string bytes;
    for (const auto& v : variables.all()) {
      const Tensor t = v->trained ? variables.gradient(*v) : variables.tensor(*v);
      bytes.append(static_cast<const char*>(t.data), v->desc.bytes());
    }
    return bytes;
  }
  const Graph& graph() const { return program_->graph(); }  // after the run
  int norms_applied() const {
    int norms = 0;
    for (const Node& node : graph().nodes()) norms += node.op->name() == std::string("batch_norm");
    return norms;
  }

 private:
  static std::function<void(std::vector<float>&)> reals(uint32_t stream) {
    return [stream](std::vector<float>& v) {
      Rng rng(4, Purpose::test, stream);
      for (float& one : v) one = rng.uniform(-1, 1);
    };
  }
  Value buffer(const char* name) { return graph_->variable(variables.buffer(name, {DType::f32, {32}})); }

  std::unique_ptr<Graph> graph_ = std::make_unique<Graph>(*device_, variables, Policy{}, true);
  std::unique_ptr<Program> program_;
  Value pixels_;
};

}  // namespace rc
