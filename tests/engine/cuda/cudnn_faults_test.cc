// What cuDNN is told of a convolution, and that it refuses what cannot be one.
#include <doctest/doctest.h>

#include "engine/cuda/cudnn_engines.h"
#include "engine/cuda/cudnn_plan.h"
#include "engine/gpu.h"
#include "tests/engine/described.h"

namespace rc {
namespace {

const ConvDesc kDesc{.dtype = DType::bf16,
                     .n = 32,
                     .h = 56,
                     .w = 56,
                     .c = 64,
                     .k = 128,
                     .r = 3,
                     .s = 3,
                     .stride = 2,
                     .pad = 1,
                     .in_block = 64,
                     .out_block = 128};

constexpr Direction kDirections[] = {Direction::forward, Direction::data_gradient,
                                     Direction::weight_gradient};

// The engine's name, or "refused".
std::string engine_for(const ConvLayout& layout, Direction direction, const Policy& policy = {}) {
  const Gpu gpu = known_gpu("h100");
  try {
    const CudnnDescriptor device = cudnn_device(gpu.cudnn_json, gpu.name);
    const ConvGraph graph(layout, direction, "planted");
    return "eng" +
           std::to_string(first_engine(graph, device, layout.x.dtype, policy, "planted").choice.engine);
  } catch (const Error& error) {
    CHECK(error.code() == Exit::device);
    return "refused";
  }
}

bool no_cudnn() {
  try {
    cudnn();
    return false;
  } catch (const Error& error) {
    if (!no_cudnn(error)) throw;
    MESSAGE("skipped: no cuDNN");
    return true;
  }
}

}  // namespace

TEST_SUITE("cudnn-plans") {
  TEST_CASE("a convolution is told with the strides of its storage") {
    using Four = std::array<int64_t, 4>;
    const ConvLayout nhwc = layout_of(kDesc);
    CHECK(nhwc.x.dims == Four{32, 64, 56, 56});
    CHECK(nhwc.x.strides == Four{56 * 56 * 64, 1, 56 * 64, 64});
    CHECK(nhwc.w.dims == Four{128, 64, 3, 3});
    CHECK(nhwc.w.strides == Four{3 * 3 * 64, 1, 3 * 64, 64});
    CHECK(nhwc.y.dims == Four{32, 128, 28, 28});
    CHECK(nhwc.y.strides == Four{28 * 28 * 128, 1, 28 * 128, 128});
    CHECK(nhwc.compute == DType::f32);
    ConvDesc other = kDesc;
    other.in_block = 1;  // planar
    CHECK(layout_of(other).x.strides == Four{56 * 56 * 64, 56 * 56, 56, 1});
    other.in_block = 16;  // cuDNN has no strides for it
    CHECK_THROWS_AS(layout_of(other), Error);
    other = kDesc;
    other.groups = 64;
    CHECK(layout_of(other).w.dims == Four{128, 1, 3, 3});
    CHECK(layout_of(other).w.strides == Four{9, 1, 3, 1});
  }

  TEST_CASE("planted faults are refused in every direction") {
    if (no_cudnn()) return;
    for (const Direction direction : kDirections) {
      CAPTURE(std::string(name_of(direction)));
      const auto refused = [&](const std::string& fault, auto plant) {
        ConvLayout layout = layout_of(kDesc);
        plant(layout);
        CAPTURE(fault);
        CHECK(engine_for(layout, direction) == "refused");
      };
      REQUIRE(engine_for(layout_of(kDesc), direction) != "refused");
      refused("an input channel too few", [](ConvLayout& l) { --l.x.dims[1]; });
      refused("an output channel too many", [](ConvLayout& l) { ++l.y.dims[1]; });
      refused("the output a pixel too high", [](ConvLayout& l) { ++l.y.dims[2]; });
      refused("the output a pixel too wide", [](ConvLayout& l) { ++l.y.dims[3]; });
      refused("an image too few", [](ConvLayout& l) { --l.y.dims[0]; });
      refused("another stride", [](ConvLayout& l) { l.stride = 1; });
      refused("another padding", [](ConvLayout& l) { l.pad = 2; });
      refused("sums in bf16", [](ConvLayout& l) { l.compute = DType::bf16; });
      refused("an input of another type", [](ConvLayout& l) { l.x.dtype = DType::f32; });
      refused("a filter of another type", [](ConvLayout& l) { l.w.dtype = DType::f32; });
    }
  }

  TEST_CASE("a stride that is legal and wrong is accepted: only numbers show it, so the CPU reads it too") {
    if (no_cudnn()) return;
    ConvLayout layout = layout_of(kDesc);
    layout.w.strides = {64 * 3 * 3, 3 * 3, 3, 1};  // KCRS
    CHECK(engine_for(layout, Direction::forward) != "refused");
  }

  TEST_CASE("an f32 weight gradient of bf16 operands is refused: the reason for Plan::narrow_gradient") {
    if (no_cudnn()) return;
    ConvLayout layout = layout_of(kDesc);
    layout.w.dtype = DType::f32;
    CHECK(engine_for(layout, Direction::weight_gradient) == "refused");
  }

  TEST_CASE("an engine that another policy chose is refused by this one") {
    if (no_cudnn()) return;
    const Gpu gpu = known_gpu("h100");
    const CudnnDescriptor device = cudnn_device(gpu.cudnn_json, gpu.name);
    ConvDesc desc = kDesc;
    desc.dtype = DType::f32;
    const auto built = [&](Direction direction, const Policy& chosen_by, const Policy& built_by) {
      const ConvGraph graph(layout_of(desc), direction, "planted");
      const EngineChoice choice = first_engine(graph, device, DType::f32, chosen_by, "planted").choice;
      return build_engine(graph, device, DType::f32, built_by, choice).has_value();
    };
    const Policy strict;
    Policy any_order, tf32, no_workspace;
    any_order.deterministic = false, tf32.tf32 = true, no_workspace.workspace_limit = 0;
    CHECK(built(Direction::weight_gradient, strict, strict));
    CHECK(built(Direction::weight_gradient, any_order, any_order));
    CHECK_FALSE(built(Direction::weight_gradient, any_order, strict));
    CHECK(built(Direction::forward, tf32, tf32));
    CHECK_FALSE(built(Direction::forward, tf32, strict));
    CHECK_FALSE(built(Direction::forward, strict, no_workspace));
  }
}

}  // namespace rc
