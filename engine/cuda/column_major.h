// A row-major GEMM said in the words of a column-major library (cuBLASLt, CBLAS): the same memory read by
// columns is the transpose, and out^T = op(b)^T op(a)^T. So b comes first and every transpose stays what it
// is.
#pragma once

#include "engine/device.h"

namespace rc {

struct ColumnMajorGemm {
  // A stored matrix: its columns are `leading` elements apart.
  struct Matrix {
    int64_t rows, columns, leading;
    bool transposed;  // before it is multiplied
  };
  Matrix first;   // b
  Matrix second;  // a
  Matrix out;
  int64_t m, n, k;  // out is m x n
  float beta;       // what of `out` stays; alpha is 1
};

inline ColumnMajorGemm column_major(const GemmDesc& d) {
  // Row-major [rows, columns] is column-major [columns, rows].
  const auto stored = [](int64_t rows, int64_t columns, bool transposed) {
    return ColumnMajorGemm::Matrix{columns, rows, columns, transposed};
  };
  return {.first = d.transpose_b ? stored(d.n, d.k, true) : stored(d.k, d.n, false),
          .second = d.transpose_a ? stored(d.k, d.m, true) : stored(d.m, d.k, false),
          .out = stored(d.m, d.n, false),
          .m = d.n,
          .n = d.m,
          .k = d.k,
          .beta = d.accumulate ? 1.0f : 0.0f};
}

}  // namespace rc
