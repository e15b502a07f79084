// The update of all parameters from their gradients: norm, clipping, Adam, AdamW or SGD, moving average.
#pragma once

#include <string>

#include "engine/graph.h"

namespace rc {

struct OptimizerOptions {
  enum class Kind : uint8_t { adam, adamw, sgd };
  Kind kind = Kind::adam;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double momentum = 0.9;  // sgd
  double weight_decay = 0;
  float clip_norm = 0;   // 0: no clipping
  double ema_decay = 0;  // 0: no moving average
};

// The flat arrays of optimizer state are buffers of these names, each as long as all parameters with their
// padding.
inline constexpr const char* kMoment1 = "optimizer.moment1";  // sgd: the velocity
inline constexpr const char* kMoment2 = "optimizer.moment2";
inline constexpr const char* kAverage = "optimizer.average";

// Adds the update after backward(), when all parameters are declared. Returns the gradient's facts,
// [kGradientFacts]. A gradient that is not finite leaves everything as it is. Parameters from the one called
// `objective_from` on (in order of declaration) count their steps by scalars[kObjectiveStep]; empty: none do.
Value update_parameters(Graph&, Value scalars, const OptimizerOptions&,
                        const std::string& objective_from = {});

}  // namespace rc
