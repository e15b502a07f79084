#include "model/xception.h"

#include <string>
#include <vector>

#include "model/ops/pooling.h"

namespace rc {
namespace {

// A 3x3 filter a channel, then a 1x1 convolution with a norm; nothing between the two.
struct Separable {
  std::string conv, norm;
  int64_t filters;
};
// Several, a ReLU between them and `activation` behind the last, and then max pooling where `pooled`.
// `relu_input`: of relu(x), where x itself is needed as well. `recomputed`: what the filters of a channel
// each make.
struct Separables {
  std::vector<Separable> all = {};
  Activation activation;
  bool pooled = false, relu_input = false, recomputed = false;
};
Value separables(const Layers& layers, Value x, const Separables& s, Value residual = {}) {
  const auto depthwise = [&](size_t i) { return s.all[i].conv + ".conv1"; };
  const auto pointwise = [&](size_t i, Activation activation) {
    return ConvNorm{.conv = s.all[i].conv + ".pointwise",
                    .norm = s.all[i].norm,
                    .filters = s.all[i].filters,
                    .activation = activation};
  };
  Value y = layers.depthwise(x, depthwise(0), 3, 1, 1, s.relu_input, s.recomputed);
  const size_t last = s.all.size() - 1;
  for (size_t i = 0; i < last; ++i)
    y = layers.conv_norm_depthwise(y, pointwise(i, Activation::relu), depthwise(i + 1), s.recomputed);
  const ConvNorm end = pointwise(last, s.activation);
  return s.pooled ? layers.conv_norm_max_pool(y, end) : layers.conv_norm(y, end, residual);
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
  const bool pooled = stride > 1, entry = pooled && widths.back() <= 728;
  Separables rep{
      .activation = Activation::none, .pooled = pooled, .relu_input = relu_first, .recomputed = entry};
  for (size_t place = relu_first ? 1 : 0; const int64_t filters : widths) {
    // Its place among PyTorch's layers: ReLU, convolution, norm in turn.
    rep.all.push_back({"rep." + std::to_string(place), "rep." + std::to_string(place + 1), filters});
    place += 3;
  }
  const Value y = separables(layers, x, rep, pooled ? Value{} : x);
  if (!pooled) return y;
  return layers.conv_norm(x,
                          {.conv = "skip",
                           .norm = "skipbn",
                           .filters = widths.back(),
                           .stride = stride,
                           .activation = Activation::none},
                          y);
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
  x = separables(layers, x, {{{"conv3", "bn3", 1536}, {"conv4", "bn4", 2048}}, Activation::relu});
  return global_average_pool(x);
}

}  // namespace rc
