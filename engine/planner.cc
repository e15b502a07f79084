#include "engine/planner.h"

#include <algorithm>
#include <numeric>

namespace rc {

Placement place(std::span<const Lifetime> buffers) {
  const auto size = [&](size_t i) { return (buffers[i].bytes + 63) / 64 * 64; };
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return size(a) > size(b); });

  Placement placement;
  placement.offset.resize(buffers.size());
  std::vector<size_t> placed;  // by offset
  for (const size_t i : order) {
    size_t offset = 0;
    for (const size_t j : placed) {
      const bool together = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
      if (!together) continue;
      if (offset + size(i) <= placement.offset[j]) break;
      offset = std::max(offset, placement.offset[j] + size(j));
    }
    placement.offset[i] = offset;
    placement.peak = std::max(placement.peak, offset + size(i));
    const auto after = std::upper_bound(placed.begin(), placed.end(), offset,
                                        [&](size_t o, size_t j) { return o < placement.offset[j]; });
    placed.insert(after, i);
  }
  return placement;
}

}  // namespace rc
