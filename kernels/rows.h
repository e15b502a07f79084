// Kernels over matrices stored row by row: what stands around a matrix product. The bias's gradient is
// SumPixels over {1, rows, columns, columns} (pooling.h).
#pragma once

#include <cstdint>

#include "engine/activation.h"
#include "engine/dtype.h"
#include "engine/launch.h"

namespace rc {

// out = act(x + bias), bias added to every row. May overwrite x. Reads and writes rows * columns elements.
template <class T>
struct AddBias {
  const T* x;         // [rows, columns]
  const float* bias;  // [columns]
  T* out;             // [rows, columns]
  int64_t rows, columns;
  Activation activation;

  Grid grid() const { return {.blocks = rows}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// dx = dy act'(x + bias), the activation SiLU or the logistic function. May overwrite dy. Reads 2 * rows *
// columns elements, writes rows * columns.
struct AddBiasBackward {
  const float *x, *dy;  // [rows, columns]
  const float* bias;    // [columns]
  float* dx;            // [rows, columns]
  int64_t rows, columns;
  Activation activation;

  Grid grid() const { return {.blocks = rows}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
