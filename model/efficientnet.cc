#include "model/efficientnet.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "model/ops/pooling.h"

namespace rc {
namespace {

constexpr auto kSilu = Activation::silu;

// The stages of B0: blocks, filters, size of the depthwise filter, stride of the first block, expansion.
struct Stage {
  int depth;
  int64_t filters, size, stride, expansion;
};
constexpr Stage kStages[] = {{1, 16, 3, 1, 1},  {2, 24, 3, 2, 6},  {2, 40, 5, 2, 6}, {3, 80, 3, 2, 6},
                             {3, 112, 5, 1, 6}, {4, 192, 5, 2, 6}, {1, 320, 3, 1, 6}};

// Scaled up to the nearest multiple of 8, which may not be more than a tenth below.
int64_t scaled_width(int64_t filters, double width) {
  const double wanted = double(filters) * width;
  const int64_t nearest = std::max<int64_t>(8, int64_t(wanted + 4) / 8 * 8);
  return double(nearest) < 0.9 * wanted ? nearest + 8 : nearest;
}
int scaled_depth(int blocks, double depth) { return int(std::ceil(blocks * depth)); }

struct Size {
  int64_t filters, size, stride, expansion;
};

// Expansion by a 1x1 convolution, a filter a channel, squeeze and excitation, projection by a 1x1
// convolution, and the input added where the shape is still the same. Without an expansion the first layer is
// left out, and PyTorch's names of the others move up.
Value block(const Layers& layers, Value x, const Size& s, float drop_path) {
  const int64_t in = x.shape().back();
  const bool expands = s.expansion != 1;
  Value y = x;
  if (expands)
    y = layers.conv_norm(
        y, {.conv = "conv_pw", .norm = "bn1", .filters = in * s.expansion, .activation = kSilu});
  y = layers.depthwise_excite(y, {.conv = "conv_dw",
                                  .norm = expands ? "bn2" : "bn1",
                                  .excite = "se",
                                  .size = s.size,
                                  .stride = s.stride,
                                  .pad = (s.size - 1) / 2,
                                  .reduced = in / 4});
  const bool same = s.stride == 1 && in == s.filters;
  return layers.conv_norm(y,
                          {.conv = expands ? "conv_pwl" : "conv_pw",
                           .norm = expands ? "bn3" : "bn2",
                           .filters = s.filters,
                           .activation = Activation::none},
                          same ? x : Value{}, same ? drop_path : 0);
}

Value efficientnet(const Layers& layers, Value images, double width, double depth) {
  Graph& graph = layers.graph;
  int blocks = 0, index = 0;
  for (const Stage& stage : kStages) blocks += scaled_depth(stage.depth, depth);

  Value x = layers.conv_norm(images, {.conv = "conv_stem",
                                      .norm = "bn1",
                                      .filters = scaled_width(32, width),
                                      .size = 3,
                                      .stride = 2,
                                      .pad = 1,
                                      .activation = kSilu});
  for (size_t s = 0; s < std::size(kStages); ++s) {
    const Stage& stage = kStages[s];
    for (int i = 0; i < scaled_depth(stage.depth, depth); ++i, ++index) {
      const Graph::Scope scope(graph, "blocks." + std::to_string(s) + "." + std::to_string(i));
      const Graph::Block unit(graph);
      x = block(layers, x,
                {.filters = scaled_width(stage.filters, width),
                 .size = stage.size,
                 .stride = i == 0 ? stage.stride : 1,
                 .expansion = stage.expansion},
                layers.stochastic_depth * float(index) / float(blocks));
    }
  }
  x = layers.conv_norm(
      x, {.conv = "conv_head", .norm = "bn2", .filters = scaled_width(1280, width), .activation = kSilu});
  return global_average_pool(x);
}

}  // namespace

Value efficientnet_b0(const Layers& layers, Value images) { return efficientnet(layers, images, 1, 1); }
Value efficientnet_b4(const Layers& layers, Value images) { return efficientnet(layers, images, 1.4, 1.8); }

}  // namespace rc
