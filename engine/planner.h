// Static memory planning: buffers with lifetimes are packed into one arena before the first step.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rc {

// Lives in the steps first..last, both included.
struct Lifetime {
  size_t bytes;
  int first, last;
};

struct Placement {
  std::vector<size_t> offset;  // of each buffer, multiples of 64
  size_t peak = 0;             // bytes of the arena: what is reserved is what is used
};

// Greedy by size: the largest first, each at the lowest offset that is free during its whole life.
// Deterministic. Near the lower bound max over steps of the live bytes for the lifetimes of a network's step.
Placement place(std::span<const Lifetime>);

}  // namespace rc
