#include "model/resnet.h"

#include "model/ops/pooling.h"

namespace rc {
namespace {

// conv3x3 - norm - relu - conv3x3 - norm - (+ shortcut) - relu. A stride or a change of width puts a 1x1
// convolution on the shortcut.
Value basic_block(const Layers& layers, const std::string& name, Value x, int64_t width, int64_t stride) {
  const Graph::Scope scope(layers.graph, name);
  const Graph::Block block(layers.graph);
  Value shortcut = x;
  if (stride != 1 || x.shape().back() != width) {
    const Graph::Scope downsample(layers.graph, "downsample");
    shortcut = layers.conv_norm(
        x, {.conv = "0", .norm = "1", .filters = width, .stride = stride, .activation = Activation::none});
  }
  const Value y = layers.conv_norm(
      x, {.conv = "conv1", .norm = "bn1", .filters = width, .size = 3, .stride = stride, .pad = 1});
  return layers.conv_norm(y, {.conv = "conv2", .norm = "bn2", .filters = width, .size = 3, .pad = 1},
                          shortcut);
}

}  // namespace

Value resnet18(const Layers& layers, Value images) {
  Value x = layers.conv_norm(
      images, {.conv = "conv1", .norm = "bn1", .filters = 64, .size = 7, .stride = 2, .pad = 3});
  x = max_pool(x, 3, 2, 1);
  int64_t width = 64;
  for (int stage = 1; stage <= 4; ++stage, width *= 2) {
    const Graph::Scope scope(layers.graph, "layer" + std::to_string(stage));
    x = basic_block(layers, "0", x, width, stage == 1 ? 1 : 2);
    x = basic_block(layers, "1", x, width, 1);
  }
  return global_average_pool(x);
}

}  // namespace rc
