#include "tools/memory_ceiling.h"

#include <vector>

#include "tools/best_time.h"

namespace rc {

double measure_memory_ceiling(size_t bytes, int threads) {
  const size_t each = bytes / 2 / size_t(threads) / sizeof(float);
  std::vector<float> from(each * size_t(threads), 1.0f), to(from.size());
  const double seconds = best_time(threads, [&](int thread, int attempt) {
    const float* source = from.data() + each * size_t(thread);
    float* target = to.data() + each * size_t(thread);
    for (size_t k = 0; k < each; ++k) target[k] = source[k] + float(attempt);
  });
  return 2 * double(from.size() * sizeof(float)) / seconds;
}

}  // namespace rc
