// Independent pieces of work over a few threads. What each piece computes must not depend on the others, so
// that the number of threads never shows in the result.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace rc {

// Calls work(i) for i in [0, n). If some throw, the exception of the smallest i is thrown on after all
// threads ended: pieces are begun in order, so it is the same one for any number of threads.
template <class Work>
void parallel_for(size_t n, int threads, const Work& work) {
  std::vector<std::exception_ptr> errors(n);
  std::atomic<size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto run = [&] {
    for (size_t i; !failed && (i = next++) < n;) try {
        work(i);
      } catch (...) {
        errors[i] = std::current_exception();
        failed = true;
      }
  };
  {
    std::vector<std::jthread> pool;
    for (int t = 1; t < threads; ++t) pool.emplace_back(run);
    run();
  }
  const auto first = std::ranges::find_if(errors, [](const auto& error) { return error != nullptr; });
  if (first != errors.end()) std::rethrow_exception(*first);
}

}  // namespace rc
