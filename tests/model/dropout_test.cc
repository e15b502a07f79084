// Dropping at random in layers: by step and name, the same on the way back, not at all in inference.
#include "model/ops/dropout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/error.h"
#include "engine/program.h"
#include "engine/rng.h"
#include "model/layers.h"
#include "model/ops/add.h"
#include "tests/engine/weighted_sum.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

constexpr int64_t kImages = 24, kFeatures = 10;

// Features through a linear layer and dropout; images through a normalised branch that is dropped.
struct Net {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value step, features, images, dropped, sum, loss;
  std::unique_ptr<Program> program;

  explicit Net(bool training, uint64_t seed = 3) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, training);
    step = graph->input({DType::i32, {1}});
    features = graph->input({DType::f32, {kImages, kFeatures}});
    images = graph->input({DType::f32, {kImages, 2, 2, 16}});
    const Layers layers{*graph, seed, training ? step : Value{}};
    dropped = layers.dropout(layers.linear(features, "fc", kFeatures), "head", 0.4f);
    sum = layers.norm({images}, "bn", Activation::none, images, 0.5f);
    graph->keep(dropped), graph->keep(sum);
    if (training) {
      const auto loss_of = [&](Value v) {
        return graph->add(std::make_shared<WeightedSum>(), {v}, TensorDesc{DType::f32, {1}});
      };
      graph->backward(std::array{loss_of(dropped), loss_of(sum)}, add);
    }
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
    std::vector<float> x(size_t(kImages * kFeatures), 1), y(size_t(images.shape().numel()));
    Rng rng(1, Purpose::test);
    for (float& v : y) v = rng.uniform(-1, 1);
    device->upload(program->tensor(features).data, x.data(), features.desc().bytes());
    device->upload(program->tensor(images).data, y.data(), images.desc().bytes());
  }
  std::vector<float> run(int32_t number, Value of) {
    device->upload(program->tensor(step).data, &number, sizeof number);
    program->run();
    return values(program->tensor(of));
  }
  static std::vector<float> values(const Tensor& t) {
    return {t.as<float>(), t.as<float>() + t.shape.numel()};
  }
  std::vector<float> gradient(const std::string& name) {
    return values(variables.gradient(*variables.find(name)));
  }
};

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("dropout and stochastic depth depend on seed, name and step, and on nothing else") {
    Net net(true);
    const auto first = net.run(1, net.dropped), first_sum = net.run(1, net.sum);
    CHECK(net.run(2, net.dropped) != first);
    CHECK(net.run(2, net.sum) != first_sum);
    CHECK(net.run(1, net.dropped) == first);
    CHECK(net.run(1, net.sum) == first_sum);
    Net other(true, 4);
    CHECK(other.run(1, other.sum) != first_sum);
  }

  TEST_CASE("the gradient of dropout passes where the features did") {
    Net net(true);
    const auto y = net.run(5, net.dropped), bias = net.gradient("fc.bias");
    Net whole(false);
    const auto x = whole.run(5, whole.dropped);
    int zeros = 0;
    std::vector<double> want(size_t(kFeatures), 0.0);
    for (size_t i = 0; i < y.size(); ++i) {
      zeros += y[i] == 0;
      CHECK((y[i] == 0 || y[i] == x[i] * (1 / (1 - 0.4f))));
      if (y[i] != 0)
        want[i % size_t(kFeatures)] += double(WeightedSum::weight(int64_t(i)) * (1 / (1 - 0.4f)));
    }
    CHECK(zeros > 60);  // of 240, 96 on average with a standard deviation of 7.6
    CHECK(zeros < 132);
    for (size_t c = 0; c < want.size(); ++c) CHECK(bias[c] == doctest::Approx(want[c]).epsilon(1e-6));
  }

  TEST_CASE("a dropped branch leaves an image its shortcut, a kept one counts double") {
    Net net(true);
    const auto y = net.run(9, net.sum);
    const auto x = Net::values(net.program->tensor(net.images));
    reference::BatchNorm bn{16};
    const size_t pixels = 4, of_image = pixels * 16;
    int dropped = 0;
    for (int64_t n = 0; n < kImages; ++n) {
      const bool drop = std::equal(x.begin() + n * int64_t(of_image), x.begin() + (n + 1) * int64_t(of_image),
                                   y.begin() + n * int64_t(of_image));
      dropped += drop;
      bn.row_scale.insert(bn.row_scale.end(), pixels, drop ? 0 : 2);
    }
    CHECK(dropped > 3);
    CHECK(dropped < 21);
    reference::Vector mean(16), var(16), dy(x.size());
    const reference::Vector wide(x.begin(), x.end()), ones(16, 1), zeros(16, 0);
    const auto want = reference::batch_norm(bn, wide, ones, zeros, wide, mean, var);
    for (size_t i = 0; i < dy.size(); ++i) dy[i] = double(WeightedSum::weight(int64_t(i)));
    const auto grad = reference::batch_norm_grad(bn, dy, wide, ones, want);
    // 96 values a channel, |xhat| < 3, and twice that: 40 roundings of 6 each, and of a gradient's sum of 96
    // of 2 * 2 * 3.
    double off = 0, off_gamma = 0, off_beta = 0;
    for (size_t i = 0; i < y.size(); ++i) off = std::max(off, std::abs(double(y[i]) - want.y[i]));
    const auto dgamma = net.gradient("bn.weight"), dbeta = net.gradient("bn.bias");
    for (size_t c = 0; c < 16; ++c) {
      off_gamma = std::max(off_gamma, std::abs(double(dgamma[c]) - grad.dgamma[c]));
      off_beta = std::max(off_beta, std::abs(double(dbeta[c]) - grad.dbeta[c]));
    }
    CHECK(off <= 40 * 6 * 0x1p-24);
    CHECK(off_gamma <= 96 * 12 * 40 * 0x1p-24);
    CHECK(off_beta == 0);  // small whole numbers
  }

  TEST_CASE("nothing is dropped in inference, and training without a step is refused") {
    Net net(false);
    CHECK(net.run(1, net.dropped) == net.run(2, net.dropped));
    for (const Node& node : net.program->graph().nodes()) CHECK(std::string(node.op->name()) != "dropout");

    const auto device = open_device("cpu");
    Variables variables;
    Graph graph(*device, variables, Policy{}, true);
    const Value x = graph.input({DType::f32, {4, 8}});
    CHECK_THROWS_AS((Layers{graph}.dropout(x, "head", 0.2f)), Error);
    CHECK(Layers{graph}.dropout(x, "head", 0).id == x.id);
    const Value step = graph.input({DType::i32, {1}});
    CHECK_THROWS_AS(dropout(x, step, 1, 0), Error);
  }
}

}  // namespace rc
