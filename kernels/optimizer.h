// The optimiser's kernels, over one flat buffer that holds all parameters (padding is zero and stays zero):
// gradient norm, Adam, AdamW, SGD with momentum, moving average. Arithmetic as in PyTorch's torch.optim, with
// coefficients formed in double and used as float.
//
// Parameters of a loss that has not begun rest: their step is 0, and neither weight decay nor moments touch
// them, as PyTorch passes over parameters without a gradient. Under Adam the decay alone would move a weight
// by the whole rate each step, and a head whose loss begins later would have shrunk to nothing by then.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "kernels/elementwise.h"
#include "kernels/scalars.h"

namespace rc {

// What the gradient's norm tells the step: an array of floats on the device.
enum GradientFact : int {
  kNorm,  // L2, of the whole gradient
  kClip,  // min(1, max_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_; the step multiplies by it
  kNonFinite,  // number of elements that are infinite or NaN
  kSkip,       // 1 where the norm is not finite: the step and the moving average leave everything as it is
  kGradientFacts,
};

// Per block of elements: the sum of squares of the finite ones, and the number of the others.
// Reads n elements; 2 FLOPs each.
struct GradientNormPartial {
  const float* gradient;  // [n]
  double* squares;        // [grid().blocks]
  float* non_finite;      // [grid().blocks]
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Joins the blocks' parts in double. max_norm = 0: no clipping. The order of both sums depends on the lanes
// of a block, on nothing else.
struct GradientNorm {
  const double* squares;    // [blocks]
  const float* non_finite;  // [blocks]
  float* facts;             // [kGradientFacts]
  int64_t blocks;           // GradientNormPartial::grid().blocks
  float max_norm;

  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Adam (Kingma and Ba 2015). Weight decay: part of the gradient (torch.optim.Adam), or `decoupled`
// (Loshchilov and Hutter 2019, torch.optim.AdamW). Reads 4n, writes 3n elements; about 15 FLOPs each.
struct Adam {
  const float* gradient;               // [n]
  float *weights, *moment1, *moment2;  // [n]
  const float* scalars;                // kLearningRate and the step, counted from 1; 0: rest
  const float* facts;                  // [kGradientFacts], or null: neither clip nor skip
  int64_t n;
  double beta1, beta2, eps, weight_decay;
  bool decoupled;
  Scalar step = kStep;  // where the step stands

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// SGD with momentum as torch.optim.SGD (no dampening, no Nesterov): velocity = momentum * velocity + gradient
// + weight_decay * weights; weights -= rate * velocity. Reads 3n, writes 2n elements; 6 FLOPs each.
struct Sgd {
  const float* gradient;      // [n]
  float *weights, *velocity;  // [n]
  const float* scalars;       // kLearningRate and the step; 0: rest
  const float* facts;         // [kGradientFacts], or null
  int64_t n;
  double momentum, weight_decay;
  Scalar step = kStep;  // where the step stands

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// average = decay * average + (1 - decay) * weights. Reads 2n, writes n elements; 3 FLOPs each.
struct MovingAverage {
  const float* weights;  // [n]
  float* average;        // [n]
  const float* facts;    // [kGradientFacts], or null
  int64_t n;
  double decay;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
