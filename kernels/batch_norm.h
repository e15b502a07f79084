// Batch normalisation with its activation and residual fused, over activations [N, P, C] of any storage.
// Training: Partial, Statistics, Apply; inference: ReciprocalStd, Apply; gradient: BackwardPartial,
// BackwardReduce, BackwardApply. Statistics, parameters and their gradients are float whatever T is.
#pragma once

#include <cstdint>

#include "engine/activation.h"
#include "engine/dtype.h"
#include "engine/launch.h"
#include "kernels/channels.h"
#include "kernels/tile.h"

namespace rc {

// Mean and sum of squared deviations of every chunk of pixels (tile.h), each about the chunk's own mean, so
// that no large sums cancel. Reads size() elements of x twice, the second time from cache; 4 FLOPs each.
template <class T>
struct BatchNormPartial {
  const T* x;              // [N, P, C]
  float *mean, *deviance;  // [chunks(shape), C] each
  Channels shape;

  static constexpr int kLanes = 128;
  static constexpr size_t kShared = 2 * kTileRows * sizeof(float);
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Joins chunks (those of the shape, or the bands of depthwise.h) in double: mean and 1 / sqrt(biased variance
// + eps). Where running_mean is given, updates running <- (1 - momentum) running + momentum * batch, with the
// unbiased variance (0 where a channel has one value), as PyTorch does. The order of the sum depends on the
// lanes of a block, on nothing else.
struct BatchNormStatistics {
  const float *partial_mean, *partial_deviance;  // [chunks.count(), C]
  float *mean, *rstd;                            // [C]
  float *running_mean, *running_var;             // [C], or both null
  Chunks chunks;
  int64_t channels;
  float eps, momentum;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = channels}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// rstd = 1 / sqrt(var + eps), for inference with running statistics.
struct ReciprocalStd {
  const float* var;  // [C]
  float* rstd;       // [C]
  int64_t n;
  float eps;

  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// y = act(image_scale * (gamma * rstd * (x - mean) + beta) + residual). The activation is none, ReLU or SiLU.
// y may overwrite x or residual.
// Reads size() elements (twice that with a residual), writes size(); 4 or 5 FLOPs each.
template <class T>
struct BatchNormApply {
  const T* x;                               // [N, P, C]
  const T* residual;                        // [N, P, C] or null
  T* y;                                     // [N, P, C]
  const float *mean, *rstd, *gamma, *beta;  // [C]
  Channels shape;
  Activation activation;
  const float* image_scale = nullptr;  // [N]; null: all 1
  bool past_caches = false;            // y is larger than they are

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Per chunk: the sums of g and of g * (x - mean), where g is image_scale times dy behind the activation. The
// ReLU mask is y > 0 where y is given (it must be when there was a residual), else recomputed from x, as
// SiLU's derivative always is.
// Reads 2 * size() elements (3 with y); 4 to 8 FLOPs each.
template <class T>
struct BatchNormBackwardPartial {
  const T *x, *dy;                          // [N, P, C]
  const T* y;                               // [N, P, C] or null
  float *sum, *dot;                         // [chunks(shape), C] each
  const float *mean, *rstd, *gamma, *beta;  // [C]
  Channels shape;
  Activation activation;
  const float* image_scale = nullptr;  // [N]; null: all 1

  static constexpr int kLanes = 128;
  static constexpr size_t kShared = 2 * kTileRows * sizeof(float);
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dbeta = the sum of the chunks' sums, dgamma = rstd * the sum of their dots; both in double.
struct BatchNormBackwardReduce {
  const float *sum, *dot;  // [chunks(shape), C]
  const float* rstd;       // [C]
  float *dgamma, *dbeta;   // [C]
  Channels shape;

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = shape.channels}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dx = gamma * rstd * (g - dbeta / M - (x - mean) * rstd * dgamma / M), M = N * P (Ioffe and Szegedy 2015),
// and d_residual = g before image_scale. dx or d_residual may overwrite dy. Reads 2 * size() elements (3 with
// y), writes size() (or 2).
template <class T>
struct BatchNormBackwardApply {
  const T *x, *dy;                          // [N, P, C]
  const T* y;                               // [N, P, C] or null
  T* dx;                                    // [N, P, C]
  T* d_residual;                            // [N, P, C] or null
  const float *mean, *rstd, *gamma, *beta;  // [C]
  const float *dgamma, *dbeta;              // [C]
  Channels shape;
  Activation activation;
  const float* image_scale = nullptr;  // [N]; null: all 1

  static constexpr int kLanes = 128;
  Grid grid() const { return tile_grid(shape); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
