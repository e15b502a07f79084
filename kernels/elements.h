// How a block walks its elements of flat arrays.
#pragma once

#include "engine/block.h"
#include "kernels/elementwise.h"

namespace rc {

// Calls body(i) for the block's elements. They do not depend on each other, in place or not: the loop is
// vector code without a test for overlap.
template <class Block, class Body>
RC_INLINE void each_element(const Block& block, int64_t n, Body body) {
  const int64_t begin = block.index() * kElementsPerBlock,
                end = begin + kElementsPerBlock < n ? begin + kElementsPerBlock : n;
#pragma omp simd
  for (int64_t i = begin + block.lane(); i < end; i += block.lanes()) body(i);
}

}  // namespace rc
