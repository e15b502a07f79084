// Runs one kernel on every CPU target, and as fibers in several lane counts and orders.
#pragma once

#include <omp.h>

#include <functional>
#include <string>

#include "engine/host/fibers.h"
#include "engine/host/isa.h"
#include "engine/launch.h"

namespace rc {

// Calls `each(name, launcher)` per way of running; the test resets its outputs, calls launcher(kernel...) and
// compares.
struct Launcher {
  Target target;
  template <class Kernel>
  void operator()(const Kernel& kernel) const {
    const Grid grid = kernel.grid();
    if (grid.blocks == 0) return;
    switch (target) {
      case Target::v3:
        return enter<Target::v3>(kernel, grid, nullptr);
      case Target::avx512:
        return enter<Target::avx512>(kernel, grid, nullptr);
      default:
        return enter<Target::fibers>(kernel, grid, nullptr);
    }
  }
};

template <class Each>
void on_cpu_targets(Each each) {
  each("v3", Launcher{Target::v3});
  if (host_target() == Target::avx512) each("avx512", Launcher{Target::avx512});
}

template <class Each>
void on_fibers(Each each) {
  for (const int lanes : {1, 2, 7, 32})
    for (const uint64_t order : {0, 1, 2, 3}) {
      fiber_schedule() = {.lanes = lanes, .order = order};
      each("fibers, " + std::to_string(lanes) + " lanes, order " + std::to_string(order),
           Launcher{Target::fibers});
    }
  fiber_schedule() = {};
}

// Whether `outcome()` is the same, bit for bit, for several numbers of threads.
template <class Outcome>
bool same_for_any_threads(Outcome outcome) {
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto one = outcome();
  bool same = true;
  for (const int count : {2, 3, 5}) {
    omp_set_num_threads(count);
    same = same && outcome() == one;
  }
  omp_set_num_threads(threads);
  return same;
}

}  // namespace rc
