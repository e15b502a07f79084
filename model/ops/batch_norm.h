// Batch normalisation, fused with the residual sum and the activation that follow it.
#pragma once

#include "engine/graph.h"
#include "kernels/batch_norm.h"

namespace rc {

struct BatchNormVariables {
  Value weight, bias, running_mean, running_var;  // [C] each
};

// Means and sums of squared deviations of a tensor's chunks, one after the other: gathered by what made it.
struct ChunkMoments {
  Value values;  // [2, chunks.count(), C]
  Chunks chunks;
};
struct WithMoments {
  Value y;
  ChunkMoments moments = {};  // empty where they were not gathered
};

// Of each channel of x in this batch; the running statistics move. [C] each. Where x came with its moments, x
// itself is not read again.
struct BatchStatistics {
  Value mean, rstd;  // rstd = 1 / sqrt(var + eps), the variance biased
};
BatchStatistics batch_statistics(const WithMoments& x, const BatchNormVariables&, float momentum = 0.1f,
                                 float eps = 1e-5f);

// What the gradient of activation(norm(x)), none or ReLU, gives x and the norm's variables, by batch
// statistics, for ops that apply the norm themselves: in the backward pass, with x as it was saved.
struct BatchNormGradients {
  Value x, weight, bias;
};
BatchNormGradients batch_norm_gradients(Value x, Value dy, const BatchStatistics&, Value weight, Value bias,
                                        Activation);

// x [N, H, W, C] or [N, C]. y = activation(z + residual), z = (x - mean) / sqrt(var + eps) * weight + bias;
// with `branch_scale` [N], beside a residual, z is scaled image by image: stochastic depth (dropout.h). While
// training: the batch's statistics, and the running ones move by `momentum` (the variance unbiased), as
// PyTorch. Otherwise the running ones. The activation is none, ReLU, or, without a residual, SiLU.
Value batch_norm(const WithMoments& x, const BatchNormVariables&, Activation, Value residual = {},
                 Value branch_scale = {}, float momentum = 0.1f, float eps = 1e-5f);

}  // namespace rc
