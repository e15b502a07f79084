#include "model/xception.h"

#include <string>
#include <vector>

#include "model/ops/pooling.h"

namespace rc {
namespace {

// A 3x3 filter a channel, then a 1x1 convolution with a norm; nothing between the two. `relu_input`: of
// relu(x), where x itself is needed as well.
struct Separable {
  std::string conv, norm;
  int64_t filters;
  Activation activation;
  bool relu_input = false;
  bool recomputed = false;  // between the two
};
Value separable(const Layers& layers, Value x, const Separable& s, Value residual = {}) {
  const Value y = layers.depthwise(x, s.conv + ".conv1", 3, 1, 1, s.relu_input, s.recomputed);
  return layers.conv_norm(
      y, {.conv = s.conv + ".pointwise", .norm = s.norm, .filters = s.filters, .activation = s.activation},
      residual);
}

// Separable convolutions to the given widths, a ReLU in front of each (but in front of the network's very
// first, whose input has passed one), and the block's input added. With a stride, max pooling ends the one
// way and a 1x1 convolution is the other. In the entry flow, where images are large, what the filters of a
// channel each make is computed again in the backward pass: a sixth of the memory for a hundredth of the
// time.
Value block(const Layers& layers, const std::string& name, Value x, const std::vector<int64_t>& widths,
            int64_t stride, bool relu_first = true) {
  const Graph::Scope scope(layers.graph, name);
  const Graph::Block unit(layers.graph);
  const bool entry = stride > 1 && widths.back() <= 728;
  Value y = x;
  for (size_t i = 0; i < widths.size(); ++i) {
    const bool last = i + 1 == widths.size();
    // Its place among PyTorch's layers: ReLU, convolution, norm in turn.
    const size_t place = 3 * i + (relu_first ? 1 : 0);
    y = separable(layers, y,
                  {.conv = "rep." + std::to_string(place),
                   .norm = "rep." + std::to_string(place + 1),
                   .filters = widths[i],
                   .activation = last ? Activation::none : Activation::relu,
                   .relu_input = i == 0 && relu_first,
                   .recomputed = entry},
                  last && stride == 1 ? x : Value{});
  }
  if (stride == 1) return y;
  return layers.conv_norm(x,
                          {.conv = "skip",
                           .norm = "skipbn",
                           .filters = widths.back(),
                           .stride = stride,
                           .activation = Activation::none},
                          max_pool(y, 3, stride, 1));
}

}  // namespace

Value xception(const Layers& layers, Value images) {
  Value x = layers.conv_norm(images, {.conv = "conv1", .norm = "bn1", .filters = 32, .size = 3, .stride = 2});
  x = layers.conv_norm(x, {.conv = "conv2", .norm = "bn2", .filters = 64, .size = 3});
  x = block(layers, "block1", x, {128, 128}, 2, false);
  x = block(layers, "block2", x, {256, 256}, 2);
  x = block(layers, "block3", x, {728, 728}, 2);
  for (int i = 4; i <= 11; ++i) x = block(layers, "block" + std::to_string(i), x, {728, 728, 728}, 1);
  x = block(layers, "block12", x, {728, 1024}, 2);
  x = separable(layers, x, {.conv = "conv3", .norm = "bn3", .filters = 1536, .activation = Activation::relu});
  x = separable(layers, x, {.conv = "conv4", .norm = "bn4", .filters = 2048, .activation = Activation::relu});
  return global_average_pool(x);
}

}  // namespace rc
