// ResNet-18 beside PyTorch: logits, loss, every gradient and running statistic of one step, and twenty steps
// of SGD and Adam, from the same weights. The golden files hold PyTorch's float64 result and how far its own
// float32 runs are from it.
#include "tests/model/golden_network.h"

namespace rc {
namespace {

using golden::kAllowed;

const Backbone& resnet18() { return find_backbone("resnet18"); }

void twenty_steps(const std::string& file, const OptimizerOptions& optimizer) {
  const golden::Json g = golden::load(file);
  const Shape shape = shape_of(g["input"]["shape"]);
  GoldenNetwork net(resnet18(), shape, true, &optimizer);
  const auto names = g["input"]["names"].get<std::vector<std::string>>();
  const auto losses = g["losses"].get<std::vector<double>>(),
             errors = g["loss_errors"].get<std::vector<double>>();
  for (size_t step = 0; step < losses.size(); ++step) {
    net.run(names[step % names.size()], shape, g["labels"], g["settings"]["lr"], int(step) + 1);
    CAPTURE(step);
    CHECK(std::abs(double(net.values(net.loss)[0]) - losses[step]) <= kAllowed * errors[step]);
  }
  net.check_all(g["weights"], false);
  net.check_all(g["running"], false);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("one step of ResNet-18 equals PyTorch's: logits, loss, all gradients, running statistics") {
    const golden::Json g = golden::load("resnet18_step");
    const Shape shape = shape_of(g["input"]["shape"]);
    GoldenNetwork net(resnet18(), shape, true);
    net.run(g["input"]["name"], shape, g["labels"], 0, 1);
    CHECK(golden::excess(g.at("logits"), net.values(net.logits)) <= kAllowed);
    CHECK(golden::excess(g.at("loss"), net.values(net.loss)) <= kAllowed);
    CHECK(g["gradients"].size() == 62);
    net.check_all(g["gradients"], true);
    net.check_all(g["running"], false);
  }

  TEST_CASE("ResNet-18 in inference uses the running statistics as PyTorch does") {
    const golden::Json g = golden::load("resnet18_step");
    const Shape shape = shape_of(g["input"]["shape"]);
    GoldenNetwork trained(resnet18(), shape, true), net(resnet18(), shape, false);
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
}

}  // namespace rc
