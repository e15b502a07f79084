#include "model/resnet.h"

#include "model/ops/pooling.h"

namespace rc {
namespace {

// conv3x3 - norm - relu - conv3x3 - norm - (+ shortcut) - relu. A stride or a change of width puts a 1x1
// convolution on the shortcut.
Value basic_block(const Layers& layers, const std::string& name, Value x, int64_t width, int64_t stride) {
  const Graph::Scope scope(layers.graph, name);
  const Graph::Block block(layers.graph);
  Value y = layers.norm(layers.conv(x, "conv1", width, 3, stride, 1), "bn1", Activation::relu);
  y = layers.conv(y, "conv2", width, 3, 1, 1);
  Value shortcut = x;
  if (stride != 1 || x.shape().back() != width) {
    const Graph::Scope downsample(layers.graph, "downsample");
    shortcut = layers.norm(layers.conv(x, "0", width, 1, stride, 0), "1", Activation::none);
  }
  return layers.norm(y, "bn2", Activation::relu, shortcut);
}

}  // namespace

Value resnet18(const Layers& layers, Value images) {
  Value x = layers.norm(layers.conv(images, "conv1", 64, 7, 2, 3), "bn1", Activation::relu);
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
