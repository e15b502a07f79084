#include "tools/memory_ceiling.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tools/best_time.h"

namespace rc {

double measure_memory_ceiling(size_t bytes, int threads) {
  // Small buffers are copied many times in a try: next to that, meeting at its ends takes no time.
  constexpr size_t kLeastMoved = size_t(64) << 20;
  const size_t each = bytes / 2 / size_t(threads), copies = std::max(size_t(1), kLeastMoved / bytes);
  std::vector<char> from(each * size_t(threads), 1), to(from.size());
  const double seconds = best_time(threads, [&](int thread, int) {
    const char* source = from.data() + each * size_t(thread);
    char* target = to.data() + each * size_t(thread);
    for (size_t k = 0; k < copies; ++k) {
      std::memcpy(target, source, each);
      asm volatile("" ::: "memory");  // each copy is made, though the next one writes the same
    }
  });
  return 2 * double(from.size() * copies) / seconds;
}

}  // namespace rc
