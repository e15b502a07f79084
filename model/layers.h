// Layers: an op and the variables that it owns, named as PyTorch names them within the graph's scope.
#pragma once

#include <cstdint>
#include <string>

#include "engine/graph.h"
#include "model/ops/batch_norm.h"
#include "model/ops/squeeze_excite.h"

namespace rc {

// `recomputed`, here and below: what the convolution makes is computed again in the backward pass, not kept.
//
// A convolution without bias and the batch norm behind it, with the activation that follows.
struct ConvNorm {
  std::string conv, norm;  // names of the two layers
  int64_t filters = 0, size = 1, stride = 1, pad = 0;
  Activation activation = Activation::relu;
  bool recomputed = false;
};

// What a layer needs to declare its variables.
struct Layers {
  Graph& graph;
  uint64_t seed = 0;  // of first values and of what is dropped at random
  Value step = {};    // i32 [1], the number of the step, by which random draws differ; empty in inference
  float stochastic_depth = 0;  // the rate at the network's end, where the backbone has it

  std::string full_name(const std::string& leaf) const;
  uint64_t seed_of(const std::string& name) const;  // of the layer's own draws

  // "<name>.weight" [K, R, R, C], kaiming normal. In training with the moments of what it makes.
  WithMoments conv(Value x, const std::string& name, int64_t filters, int64_t size, int64_t stride,
                   int64_t pad, bool recomputed = false) const;
  // "<name>.weight" [C, R, R, 1], each channel by a filter of its own, kaiming normal; of relu(x) where
  // asked.
  Value depthwise(Value x, const std::string& name, int64_t size, int64_t stride, int64_t pad,
                  bool relu = false, bool recomputed = false) const;
  // "<name>.weight", ".bias", ".running_mean", ".running_var"; then + residual (if any), then the activation.
  // In training an image's residual branch, the normalised x, is dropped with probability `drop_path`, and
  // else divided by 1 - drop_path.
  Value norm(const WithMoments& x, const std::string& name, Activation activation, Value residual = {},
             float drop_path = 0) const;
  // Both, the norm with + residual (if any): what backbones are made of, so that inference may take it as one
  // step.
  Value conv_norm(Value x, const ConvNorm&, Value residual = {}, float drop_path = 0) const;
  // Both, and behind them, with ReLU between, a 3x3 depthwise convolution without a stride, which alone takes
  // what they make: in training the norm goes into it.
  Value conv_norm_depthwise(Value x, const ConvNorm&, const std::string& depthwise,
                            bool recomputed = false) const;
  // Both, and behind them max pooling by windows of 3x3, 2 apart, padded by 1, which alone takes what they
  // make: in training the norm goes into it.
  Value conv_norm_max_pool(Value x, const ConvNorm&) const;
  // What EfficientNet's blocks have between their 1x1 convolutions: a depthwise convolution, its norm with
  // SiLU, and squeeze and excitation, with "<excite>.conv_reduce.weight" [reduced, 1, 1, C], ".bias",
  // "<excite>.conv_expand.weight" [C, 1, 1, reduced], ".bias".
  struct DepthwiseExcite {
    std::string conv, norm, excite;  // names of the layers
    int64_t size = 3, stride = 1, pad = 1, reduced = 0;
  };
  Value depthwise_excite(Value x, const DepthwiseExcite&) const;
  // "<name>.weight" [out, in], ".bias" [out]: x w^T + b, then ReLU where asked.
  Value linear(Value x, const std::string& name, int64_t out, bool relu = false) const;
  // In training elements of x are dropped with probability `rate`, the others divided by 1 - rate. The name
  // is that of the draws; there are no variables.
  Value dropout(Value x, const std::string& name, float rate) const;

 private:
  // What a convolution makes, and the norm behind it with this batch's statistics, for an op that applies it.
  struct BeforeNorm {
    Value x;
    BatchNormVariables norm;
    BatchStatistics by;
  };
  BeforeNorm conv_before_norm(Value x, const ConvNorm&) const;
  Value depthwise_weight(const std::string& name, int64_t channels, int64_t size) const;
  Value conv_weight(const std::string& name, int64_t filters, int64_t size, int64_t channels) const;
  BatchNormVariables norm_variables(const std::string& name, int64_t channels) const;
  SqueezeExciteVariables excite_variables(const std::string& name, int64_t channels, int64_t reduced) const;
};

}  // namespace rc
