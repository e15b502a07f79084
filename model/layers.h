// Layers: an op and the variables that it owns, named as PyTorch names them within the graph's scope.
#pragma once

#include <cstdint>
#include <string>

#include "engine/graph.h"
#include "model/ops/batch_norm.h"

namespace rc {

// A convolution without bias and the batch norm behind it, with the activation that follows.
struct ConvNorm {
  std::string conv, norm;  // names of the two layers
  int64_t filters = 0, size = 1, stride = 1, pad = 0;
  Activation activation = Activation::relu;
};

// What a layer needs to declare its variables.
struct Layers {
  Graph& graph;
  uint64_t seed = 0;  // of first values and of what is dropped at random
  Value step = {};    // i32 [1], the number of the step, by which random draws differ; empty in inference

  std::string full_name(const std::string& leaf) const;

  // "<name>.weight" [K, R, R, C], kaiming normal.
  Value conv(Value x, const std::string& name, int64_t filters, int64_t size, int64_t stride,
             int64_t pad) const;
  // "<name>.weight", ".bias", ".running_mean", ".running_var"; then + residual (if
  // any), then the activation.
  Value norm(Value x, const std::string& name, Activation activation, Value residual = {}) const;
  // Both, the norm with + residual (if any): what backbones are made of, so that inference may take it as one
  // step.
  Value conv_norm(Value x, const ConvNorm&, Value residual = {}) const;
  // "<name>.weight" [out, in], ".bias" [out]: x w^T + b, then ReLU where asked.
  Value linear(Value x, const std::string& name, int64_t out, bool relu = false) const;
};

}  // namespace rc
