// Softmax cross-entropy over rows of logits: the losses, the probabilities, and the gradient of their mean.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"

namespace rc {

inline constexpr int64_t kRowsPerBlock = 64;

// loss[i] = -ln softmax(logits[i])[labels[i]], the greatest logit subtracted first. A label outside [0,
// classes) gives NaN. Reads and writes rows * classes elements.
struct CrossEntropy {
  const float* logits;    // [rows, classes]
  const int32_t* labels;  // [rows]
  float* loss;            // [rows]
  float* probabilities;   // [rows, classes]
  int64_t rows, classes;

  static constexpr int kLanes = int(kRowsPerBlock);
  Grid grid() const { return {.blocks = (rows + kRowsPerBlock - 1) / kRowsPerBlock}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// out[0] = the mean of x, summed in double.
struct Mean {
  const float* x;  // [n]
  float* out;      // [1]
  int64_t n;

  Grid grid() const { return {.blocks = 1}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dlogits = scale / rows * (probabilities - one_hot(labels)), the gradient of scale * mean(loss).
// May overwrite the probabilities.
struct CrossEntropyBackward {
  const float* probabilities;  // [rows, classes]
  const int32_t* labels;       // [rows]
  const float* scale;          // [1] on the device; null: 1
  float* dlogits;              // [rows, classes]
  int64_t rows, classes;

  static constexpr int kLanes = int(kRowsPerBlock);
  Grid grid() const { return {.blocks = (rows + kRowsPerBlock - 1) / kRowsPerBlock}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
