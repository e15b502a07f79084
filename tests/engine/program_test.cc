// The plan of a program: who lies where in the arena, and when in the step each op runs.
#include "engine/program.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "model/ops/add.h"
#include "model/ops/conv2d.h"

namespace rc {
namespace {

// y = conv(conv(x, a), b); the first convolution is of images, so its result is made again on the way back.
struct Chain {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value x, once, loss;
  std::unique_ptr<Program> program;

  // The sum of all elements, as far as a plan is concerned.
  class Loss : public Op {
   public:
    const char* name() const override { return "loss"; }
    void run(Device&, const Arguments&) const override {}
    std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
      return {graph.add(std::make_shared<Loss>(), {}, node.in[0].desc())};
    }
  };

  Chain() {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    x = graph->input({DType::f32, {4, 8, 8, 16}, 16});
    const auto filter = [&](const char* name) {
      return graph->variable(variables.parameter(name, {16, 3, 3, 16}, {}));
    };
    {
      const Graph::Scope scope(*graph, "first");
      once = conv2d(x, filter("a"), 1, 1);
    }
    {
      const Graph::Scope scope(*graph, "second");
      loss = graph->add(std::make_shared<Loss>(), {conv2d(once, filter("b"), 1, 1)},
                        TensorDesc{DType::f32, {1}});
    }
    graph->keep(loss);
    graph->backward(std::array{loss}, add);
    program = std::make_unique<Program>(std::move(graph));
  }
};

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("a program tells its buffers: apart while both live, within the arena, as many bytes as say so") {
    const Chain net;
    const auto& buffers = net.program->buffers();
    const size_t nodes = net.program->graph().nodes().size();
    std::vector<size_t> alive(nodes);
    size_t top = 0;
    for (size_t i = 0; i < buffers.size(); ++i) {
      const Buffer& b = buffers[i];
      CHECK(b.offset + b.bytes <= net.program->arena_bytes());
      top = std::max(top, b.offset + (b.bytes + 63) / 64 * 64);
      for (int n = b.first; n <= std::min(b.last, int(nodes) - 1); ++n) alive[size_t(n)] += b.bytes;
      for (size_t j = 0; j < i && b.bytes > 0; ++j) {
        const Buffer& other = buffers[j];
        const bool together = b.first <= other.last && other.first <= b.last && other.bytes > 0;
        const bool apart = b.offset + b.bytes <= other.offset || other.offset + other.bytes <= b.offset;
        CHECK((!together || apart));
      }
    }
    CHECK(top == net.program->arena_bytes());
    CHECK(alive == net.program->alive());
  }

  TEST_CASE("a buffer lives from the op that writes it to the last that reads it") {
    const Chain net;
    const auto life = [&](Value v) {
      const auto& all = net.program->buffers();
      return *std::find_if(all.begin(), all.end(), [&](const Buffer& b) { return b.value == v.id; });
    };
    const auto& nodes = net.program->graph().nodes();
    CHECK(life(net.x).first == 0);
    CHECK(life(net.x).bytes == 4 * 8 * 8 * 16 * sizeof(float));
    CHECK(life(net.once).first == 0);
    CHECK(life(net.once).last == 1);  // made again instead of kept
    CHECK(life(net.loss).first == 2);
    CHECK(life(net.loss).last == int(nodes.size()));  // kept
  }

  TEST_CASE("an op knows its phase, and one that runs again keeps the scope of the first time") {
    const Chain net;
    std::vector<std::string> order;
    for (const Node& node : net.program->graph().nodes())
      order.push_back(std::string(name_of(node.phase)) + " " + node.scope + " " + node.op->name());
    CHECK(order == std::vector<std::string>{"forward first conv2d", "forward second conv2d",
                                            "forward second loss", "backward second loss",
                                            "recomputed first conv2d", "backward second conv2d.weight_grad",
                                            "backward second conv2d.data_grad",
                                            "backward first conv2d.weight_grad"});
  }
}

}  // namespace rc
