// A convolution as cuDNN's operation graph, made from the same ConvDesc as the CPU's.
#pragma once

#include <array>
#include <string>

#include "engine/cuda/cudnn_descriptor.h"
#include "engine/device.h"

namespace rc {

// A tensor as cuDNN sees it: dimensions in the order N, C, H, W (K, C, R, S of a filter) whatever the
// storage, which the strides tell, in elements.
struct TensorLayout {
  DType dtype;
  std::array<int64_t, 4> dims, strides;
};

// Everything that cuDNN is told of a convolution. Sums are f32 whatever the operands' type.
struct ConvLayout {
  TensorLayout x, w, y;
  int64_t stride, pad;
  DType compute = DType::f32;
};
// NHWC or planar activations, KRSC filters. Groups show in w's channels. cuDNN cannot see a stride that is
// legal and wrong: what guards it is that the CPU device reads the same ConvDesc, where numbers would show
// it. Filter and weight gradient have the operands' type: of bf16 operands no engine writes f32.
ConvLayout layout_of(const ConvDesc&);

// The finalized graph with what it hangs on. Tensors are known by their place among a plan's operands.
class ConvGraph {
 public:
  static constexpr std::array<int64_t, 3> kOperands = {1, 2, 3};  // unique ids of a, b, out (Plan::run)

  // Throws Error(device) with cuDNN's words where the tensors do not fit together.
  ConvGraph(const ConvLayout&, Direction, const std::string& where);

  const CudnnDescriptor& operations() const { return graph_; }

 private:
  CudnnDescriptor x_, w_, y_, convolution_, operation_, graph_;
};

}  // namespace rc
