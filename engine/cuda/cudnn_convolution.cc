#include "engine/cuda/cudnn_convolution.h"

namespace rc {
namespace {

// Of an activation [n, h, w, c] whose channels are stored `block` side by side (kernels/channels.h).
TensorLayout activation(DType dtype, int64_t n, int64_t h, int64_t w, int64_t c, int64_t block) {
  check(block == c || block == 1, "cuDNN stores activations as NHWC or planar");
  const int64_t channel = block == c ? 1 : h * w, pixel = block;
  return {dtype, {n, c, h, w}, {h * w * c, channel, w * pixel, pixel}};
}

cudnnDataType_t type_of(DType dtype) {
  check(dtype == DType::f32 || dtype == DType::bf16, "convolutions are of f32 or bf16");
  return dtype == DType::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
}

CudnnDescriptor tensor(const TensorLayout& layout, int64_t id, const std::string& where) {
  constexpr int64_t kAlignment = 16;  // bytes; the arena and the variables give 64
  CudnnDescriptor d(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  d.set(CUDNN_ATTR_TENSOR_DATA_TYPE, type_of(layout.dtype));
  d.set(CUDNN_ATTR_TENSOR_DIMENSIONS, std::span<const int64_t>(layout.dims));
  d.set(CUDNN_ATTR_TENSOR_STRIDES, std::span<const int64_t>(layout.strides));
  d.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, id);
  d.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, kAlignment);
  d.finalize(where);
  return d;
}

CudnnDescriptor convolution(const ConvLayout& layout, const std::string& where) {
  CudnnDescriptor d(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  d.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, int64_t(2));
  d.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, type_of(layout.compute));
  d.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION);
  d.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {layout.stride, layout.stride});
  d.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {layout.pad, layout.pad});
  d.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {layout.pad, layout.pad});
  d.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, {int64_t(1), int64_t(1)});
  d.finalize(where);
  return d;
}

// The names of one direction's attributes, and where its tensors stand among a plan's operands.
struct Operation {
  cudnnBackendDescriptorType_t type;
  cudnnBackendAttributeName_t convolution, x, w, y, alpha, beta;
  size_t x_operand, w_operand, y_operand;
};
Operation operation_of(Direction direction) {
  switch (direction) {
    case Direction::forward:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
              0,
              1,
              2};
    case Direction::data_gradient:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
              2,
              1,
              0};
    case Direction::weight_gradient:
      break;
  }
  return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
          0,
          2,
          1};
}

}  // namespace

ConvLayout layout_of(const ConvDesc& d) {
  const int64_t c = d.c / d.groups;
  return {.x = activation(d.dtype, d.n, d.h, d.w, d.c, d.in_block),
          .w = {d.dtype, {d.k, c, d.r, d.s}, {d.r * d.s * c, 1, d.s * c, c}},
          .y = activation(d.dtype, d.n, d.p(), d.q(), d.k, d.out_block),
          .stride = d.stride,
          .pad = d.pad};
}

ConvGraph::ConvGraph(const ConvLayout& layout, Direction direction, const std::string& where)
    : x_(tensor(layout.x, kOperands[operation_of(direction).x_operand], where)),
      w_(tensor(layout.w, kOperands[operation_of(direction).w_operand], where)),
      y_(tensor(layout.y, kOperands[operation_of(direction).y_operand], where)),
      convolution_(convolution(layout, where)),
      operation_(operation_of(direction).type),
      graph_(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR) {
  const Operation op = operation_of(direction);
  operation_.set(op.convolution, convolution_);
  operation_.set(op.x, x_);
  operation_.set(op.w, w_);
  operation_.set(op.y, y_);
  operation_.set(op.alpha, 1.0f);
  operation_.set(op.beta, 0.0f);
  operation_.finalize(where);
  graph_.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation_);
  graph_.finalize(where);
}

}  // namespace rc
