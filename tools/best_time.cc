#include "tools/best_time.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

namespace rc {

double best_time(int threads, const std::function<void(int, int)>& work) {
  constexpr int kTries = 20;
  using Clock = std::chrono::steady_clock;
  std::barrier meet(threads);
  double best = std::numeric_limits<double>::infinity();
  const auto run = [&](int thread) {
    for (int i = 0; i < kTries; ++i) {
      meet.arrive_and_wait();
      const auto start = Clock::now();
      work(thread, i);
      meet.arrive_and_wait();
      if (thread == 0) best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
  };
  std::vector<std::jthread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(run, t);
  run(0);
  others.clear();
  return best;
}

double best_flop_rate(int threads, double flops_of_round, int64_t rounds, float (*work)(int64_t)) {
  std::vector<float> results(size_t(threads), 0.0f);
  const double seconds =
      best_time(threads, [&](int thread, int) { results[size_t(thread)] += work(rounds); });
  return flops_of_round * double(rounds) * threads / seconds;
}

}  // namespace rc
