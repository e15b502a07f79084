// 2-D convolution by the device's vendor primitive.
#pragma once

#include "engine/graph.h"
#include "model/ops/batch_norm.h"

namespace rc {

// y[N,P,Q,K] = x[N,H,W,C] * w[K,R,S,C], square stride and padding, no bias (batch norm follows). w is fp32; y
// is stored as the device likes for K channels. `recomputed`: y is not kept for the backward pass but
// computed again.
Value conv2d(Value x, Value w, int64_t stride, int64_t pad, bool recomputed = false);

// The same with y's moments for the batch norm behind it, where the device gathers them while it makes y.
WithMoments conv_with_moments(Value x, Value w, int64_t stride, int64_t pad, bool recomputed = false);

// The same as facts: what is asked of the device, and what comes out.
ConvDesc describe_conv(Value x, Value w, int64_t stride, int64_t pad);
TensorDesc output_of(const Device&, const ConvDesc&);

}  // namespace rc
