#include "kernels/rows.h"

#include "engine/block.h"
#include "kernels/registers.h"

namespace rc {

// Calls body(c) for the lane's columns.
template <class Block, class Body>
RC_INLINE void each_column(const Block& block, int64_t columns, Body body) {
#pragma omp simd
  for (int64_t c = block.lane(); c < columns; c += block.lanes()) body(c);
}

template <class T>
template <class Block>
RC_HD void AddBias<T>::operator()(Block block) const {
  const T* from = x + block.index() * columns;
  T* to = out + block.index() * columns;
  const auto sum = [&](int64_t c) RC_WRITTEN_OUT { return float(from[c]) + bias[c]; };
  switch (activation) {
    case Activation::none:
      return each_column(block, columns, [&](int64_t c) RC_WRITTEN_OUT { to[c] = T(sum(c)); });
    case Activation::relu:
      return each_column(block, columns,
                         [&](int64_t c) RC_WRITTEN_OUT { to[c] = T(sum(c) < 0 ? 0 : sum(c)); });
    case Activation::silu:
      return each_column(block, columns, [&](int64_t c) RC_WRITTEN_OUT { to[c] = T(silu(sum(c))); });
    case Activation::sigmoid:
      return each_column(block, columns, [&](int64_t c) RC_WRITTEN_OUT { to[c] = T(sigmoid(sum(c))); });
  }
}

template <class Block>
RC_HD void AddBiasBackward::operator()(Block block) const {
  const int64_t row = block.index() * columns;
  const float *from = x + row, *g = dy + row;
  float* to = dx + row;
  if (activation == Activation::silu)
    return each_column(block, columns, [&](int64_t c) RC_WRITTEN_OUT {
      const float v = from[c] + bias[c], s = sigmoid(v);
      to[c] = g[c] * fma(v * s, 1 - s, s);
    });
  each_column(block, columns, [&](int64_t c) RC_WRITTEN_OUT {
    const float s = sigmoid(from[c] + bias[c]);
    to[c] = g[c] * (s * (1 - s));
  });
}

template void enter<Target::RC_TARGET>(const AddBias<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const AddBias<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const AddBiasBackward&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   AddBias<float>   32  0
//   AddBias<Bf16>    32  0
//   AddBiasBackward  32  0

}  // namespace rc
