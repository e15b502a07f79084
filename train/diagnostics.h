// What the embeddings of one training batch look like: numbers that tell a healthy objective from a collapsed
// one. Plain loops on the host over what the step leaves behind; nothing is computed on the device for them.
#pragma once

#include <cstdint>
#include <span>

#include "train/row.h"

namespace rc {

// The outcome of one step. Spans are of host memory.
struct EmbeddingSnapshot {
  int64_t dim = 0;
  std::span<const int32_t> label;   // [batch] 0 real, 1 fake
  std::span<const float> keys;      // [batch + positives + negatives, dim] unit rows, zeros where not in use
  std::span<const int32_t> rows;    // [positives + negatives, 2] (kernels/synthesis.h)
  std::span<const float> distance;  // [batch] 1 - z . c
  int64_t positives = 0;            // synthetic keys that are extrapolated; the rest is fused
  double margin = 0;                // m
};

// At most so many rows of a batch are compared with each other, evenly spaced: the cost is their square.
inline constexpr int64_t kComparedRows = 512;

// Named numbers, NaN where there is nothing to measure (one class, no synthetic keys):
//   alignment             mean cosine of the positive pairs of the batch (Wang & Isola, ICML 2020, as cosine)
//   negative_cosine       mean cosine of the negative pairs
//   uniformity            log of the mean over pairs of e^(-2 |z_i - z_j|^2), the same paper; 0: all in one
//   point real_centre_{mean,q10,q50,q90}, fake_centre_{...}   z . c of each class margin_violations     share
//   of positive pairs whose cosine - m is below the anchor's hardest negative mined_positive_centre,
//   mined_negative_centre   mean z . c of the rows that synthetic keys are made of positive_moved,
//   negative_moved   mean angle in radians between a synthetic key and its first source synthetic_in_use
//   share of the synthetic keys nonfinite             elements of the keys that are not finite
Row diagnose(const EmbeddingSnapshot&);

}  // namespace rc
