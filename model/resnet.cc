#include "model/resnet.h"

#include <array>

#include "model/ops/pooling.h"

namespace rc {
namespace {

// What is added to a block's result: its input, through a 1x1 convolution where the shape changes.
Value shortcut(const Layers& layers, Value x, int64_t channels, int64_t stride) {
  if (stride == 1 && x.shape().back() == channels) return x;
  const Graph::Scope scope(layers.graph, "downsample");
  return layers.conv_norm(
      x, {.conv = "0", .norm = "1", .filters = channels, .stride = stride, .activation = Activation::none});
}

// conv3x3 - norm - relu - conv3x3 - norm - (+ shortcut) - relu.
Value basic(const Layers& layers, Value x, int64_t width, int64_t stride) {
  const Value sum = shortcut(layers, x, width, stride);
  const Value y = layers.conv_norm(
      x, {.conv = "conv1", .norm = "bn1", .filters = width, .size = 3, .stride = stride, .pad = 1});
  return layers.conv_norm(y, {.conv = "conv2", .norm = "bn2", .filters = width, .size = 3, .pad = 1}, sum);
}

// conv1x1 - norm - relu - conv3x3 - norm - relu - conv1x1 to four times the width - norm - (+ shortcut) -
// relu. In the first stage, whose images are the largest and whose filters the thinnest, the widest
// convolution is computed again in the backward pass: a tenth of the memory for a hundredth of the time.
Value bottleneck(const Layers& layers, Value x, int64_t width, int64_t stride) {
  const Value sum = shortcut(layers, x, 4 * width, stride);
  Value y = layers.conv_norm(x, {.conv = "conv1", .norm = "bn1", .filters = width});
  y = layers.conv_norm(
      y, {.conv = "conv2", .norm = "bn2", .filters = width, .size = 3, .stride = stride, .pad = 1});
  return layers.conv_norm(
      y, {.conv = "conv3", .norm = "bn3", .filters = 4 * width, .recomputed = width == 64}, sum);
}

using Unit = Value(const Layers&, Value x, int64_t width, int64_t stride);

// Four stages of `depths` blocks; each stage but the first halves the image, and doubles the width.
Value resnet(const Layers& layers, Value images, Unit& unit, const std::array<int, 4>& depths) {
  Graph& graph = layers.graph;
  Value x = layers.conv_norm_max_pool(
      images, {.conv = "conv1", .norm = "bn1", .filters = 64, .size = 7, .stride = 2, .pad = 3});
  for (size_t stage = 0; stage < depths.size(); ++stage) {
    const Graph::Scope in_stage(graph, "layer" + std::to_string(stage + 1));
    for (int i = 0; i < depths[stage]; ++i) {
      const Graph::Scope scope(graph, std::to_string(i));
      const Graph::Block block(graph);
      x = unit(layers, x, int64_t(64) << stage, stage > 0 && i == 0 ? 2 : 1);
    }
  }
  return global_average_pool(x);
}

}  // namespace

Value resnet18(const Layers& layers, Value images) { return resnet(layers, images, basic, {2, 2, 2, 2}); }
Value resnet34(const Layers& layers, Value images) { return resnet(layers, images, basic, {3, 4, 6, 3}); }
Value resnet50(const Layers& layers, Value images) {
  return resnet(layers, images, bottleneck, {3, 4, 6, 3});
}

}  // namespace rc
