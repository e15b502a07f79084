#include "tools/memory_ceiling.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

namespace rc {

double measure_memory_ceiling(size_t bytes, int threads) {
  constexpr int kTries = 20;
  using Clock = std::chrono::steady_clock;
  const size_t each = bytes / 2 / size_t(threads) / sizeof(float);
  std::vector<float> from(each * size_t(threads), 1.0f), to(from.size());
  std::barrier meet(threads);
  double best = 1e30;  // seconds
  const auto work = [&](int thread) {
    const float* source = from.data() + each * size_t(thread);
    float* target = to.data() + each * size_t(thread);
    for (int i = 0; i < kTries; ++i) {
      meet.arrive_and_wait();
      const auto start = Clock::now();
      for (size_t k = 0; k < each; ++k) target[k] = source[k] + float(i);
      meet.arrive_and_wait();
      if (thread == 0) best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
  };
  std::vector<std::jthread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(work, t);
  work(0);
  others.clear();
  return 2 * double(from.size() * sizeof(float)) / best;
}

}  // namespace rc
