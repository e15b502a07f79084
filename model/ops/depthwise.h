// Depthwise convolution by kernels of our own.
#pragma once

#include "engine/activation.h"
#include "engine/graph.h"
#include "model/ops/batch_norm.h"

namespace rc {

// y[N,P,Q,C] = x[N,H,W,C] * w[C,R,R,1], each channel by a filter of its own: R 3 or 5, stride 1 or 2, square
// padding, no bias. w is fp32 whatever x is, and used as it is; y is stored as x. With `relu`, for R 3 and
// stride 1 alone, relu(x) is convolved, which is nowhere stored. `recomputed`: y is not kept for the backward
// pass but computed again.
Value depthwise_conv2d(Value x, Value w, int64_t stride, int64_t pad, bool relu = false,
                       bool recomputed = false);

// Training: of relu(batch_norm(x)) by the batch's statistics, for R 3 and stride 1 alone, which is nowhere
// stored, neither here nor for the backward pass.
Value depthwise_of_norm(Value x, const BatchNormVariables&, const BatchStatistics&, Value w, int64_t pad,
                        bool recomputed = false);

// depthwise_conv2d with the moments of y's bands, for the batch norm behind it.
WithMoments depthwise_with_moments(Value x, Value w, int64_t stride, int64_t pad);

// Inference: y = activation(x * w + bias), bias [C] fp32, the activation none, ReLU or SiLU.
Value depthwise_conv2d(Value x, Value w, Value bias, Activation, int64_t stride, int64_t pad);

}  // namespace rc
