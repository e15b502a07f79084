// Runs one kernel on every target of the test program, and as fibers in several lane counts and orders.
#pragma once

#include <omp.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/host/fibers.h"
#include "engine/launch.h"

namespace rc {

// The targets that the program tests, and how it starts a kernel and has its results.
// tests/kernels/targets.cc says so for this processor, tests/emulated/targets.cc for the GPU.
struct TestedTarget {
  std::string name;
  Target target;
};
std::vector<TestedTarget> tested_targets();
void run_to_the_end(Target, const std::function<void()>& start);

// Calls `each(name, launcher)` per way of running; the test resets its outputs, calls launcher(kernel...) and
// compares. What a kernel reads and writes is in vectors: the GPU does not see the stack.
struct Launcher {
  Target target;
  template <class Kernel>
  void operator()(const Kernel& kernel) const {
    run_to_the_end(target, [&] {
      if (target != Target::fibers) return launch({target}, kernel);
      const Grid grid = kernel.grid();
      if (grid.blocks > 0) enter<Target::fibers>(kernel, grid, nullptr);
    });
  }
};

template <class Each>
void on_targets(Each each) {
  for (const TestedTarget& way : tested_targets()) each(way.name, Launcher{way.target});
}

// On a GPU the number of lanes is the kernel's own, and their order the emulator's.
template <class Each>
void on_fibers(Each each) {
  if (tested_targets().front().target == Target::cuda) return on_targets(each);
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
