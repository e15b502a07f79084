// Max pooling as a graph op, with a norm in front of it.
#include "model/ops/pooling.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/error.h"
#include "tests/model/norm_net.h"

namespace rc {
namespace {

// Pooling behind a norm, which it applies itself or takes the result of.
struct BehindNorm {
  std::string bytes;
  int norms;

  BehindNorm(int64_t block, Activation activation, bool fused) {
    NormNet net(9, 7, block);
    const WithMoments x = {net.x};
    bytes =
        net.run(fused ? max_pool_of_norm(net.x, net.norm, batch_statistics(x, net.norm), activation, 3, 2, 1)
                      : max_pool(batch_norm(x, net.norm, activation), 3, 2, 1));
    norms = net.norms_applied();
  }
};

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("a norm that max pooling applies itself gives the same bits and is stored nowhere") {
    for (const int64_t block : {0, 16})
      for (const Activation activation : {Activation::none, Activation::relu}) {
        CAPTURE(block);
        CAPTURE(int(activation));
        const BehindNorm stored(block, activation, false), fused(block, activation, true);
        CHECK(fused.bytes == stored.bytes);
        CHECK(stored.norms == 1);
        CHECK(fused.norms == 0);
      }
  }

  TEST_CASE("max pooling takes a norm with no activation or a ReLU") {
    const auto device = open_device("cpu");
    Variables variables;
    Graph graph(*device, variables, Policy{}, true);
    const Value x = graph.input({DType::f32, {1, 4, 4, 16}}), row = graph.input({DType::f32, {16}});
    CHECK_THROWS_AS(max_pool_of_norm(x, {row, row, row, row}, {row, row}, Activation::silu, 3, 2, 1), Error);
  }
}

}  // namespace rc
