// What an inference graph computes of variables alone: once, and again when they changed.
#include <doctest/doctest.h>

#include "engine/program.h"
#include "model/ops/add.h"

namespace rc {
namespace {

// x + 1; counts how often it ran.
class Increment : public Op {
 public:
  explicit Increment(int* runs) : runs_(runs) {}
  const char* name() const override { return "increment"; }
  void run(Device&, const Arguments& a) const override {
    ++*runs_;
    for (int64_t i = 0; i < a.out[0].shape.numel(); ++i) a.out[0].as<float>()[i] = a.in[0].as<float>()[i] + 1;
  }

 private:
  int* runs_;
};

// y = (x + 1) + (w + 1 + 1): two ops depend on the variable w alone, and stand behind one that does not.
struct Sum {
  static constexpr int64_t kSize = 1 << 12;

  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  int of_input = 0, of_variable = 0;
  Value x, y;
  std::unique_ptr<Program> program;

  explicit Sum(bool training = false) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, training);
    const TensorDesc desc = {DType::f32, {kSize}};
    x = graph->input(desc);
    const auto increment = [&](Value v, int* runs) {
      return graph->add(std::make_shared<Increment>(runs), {v}, desc);
    };
    const Value z = increment(x, &of_input);
    const Value w = graph->variable(variables.buffer("w", desc, [](auto& v) { v.assign(v.size(), 3); }));
    y = add(z, increment(increment(w, &of_variable), &of_variable));
    graph->keep(y);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
  }
  float* w() { return variables.tensor(*variables.find("w")).as<float>(); }
  // The elements of y for x = 10 everywhere, which must be one number.
  float run() {
    float* pixels = program->tensor(x).as<float>();
    for (int64_t i = 0; i < kSize; ++i) pixels[i] = 10;
    program->run();
    const float* out = program->tensor(y).as<float>();
    for (int64_t i = 0; i < kSize; ++i) CHECK(out[i] == out[0]);
    return out[0];
  }
};

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("what depends on variables alone runs once, however often the program runs") {
    Sum sum;
    for (int i = 0; i < 4; ++i) CHECK(sum.run() == 16);
    CHECK(sum.of_input == 4);
    CHECK(sum.of_variable == 2);
  }

  TEST_CASE("constants follow the variables when told, and survive what others wrote into the arena") {
    Sum sum;
    sum.run();
    for (int64_t i = 0; i < Sum::kSize; ++i) sum.w()[i] = 5;
    sum.device->fill_zero(sum.program->arena().data(), sum.program->arena_bytes());
    sum.program->variables_changed();
    for (int i = 0; i < 3; ++i) CHECK(sum.run() == 18);
    CHECK(sum.of_variable == 4);
    sum.program->prepare();
    CHECK(sum.run() == 18);
  }

  TEST_CASE("constants come first, and their memory is no other value's") {
    Sum sum;
    const auto& nodes = sum.program->graph().nodes();
    REQUIRE(nodes.size() == 4);
    for (size_t n = 0; n < nodes.size(); ++n) {
      CHECK(nodes[n].constant == (n < 2));
      CHECK(sum.program->graph().values()[size_t(nodes[n].out[0].id)].producer == int(n));
    }
    for (const Buffer& b : sum.program->buffers())
      if (b.value == nodes[1].out[0].id) CHECK(b.last == int(nodes.size()));
  }

  TEST_CASE("a training step has no constants: its variables change with every run") {
    Sum sum(true);
    for (int i = 0; i < 3; ++i) {
      for (int64_t k = 0; k < Sum::kSize; ++k) sum.w()[k] = float(i);
      CHECK(sum.run() == 13 + float(i));
    }
    CHECK(sum.of_variable == 6);
  }
}

}  // namespace rc
