// Blocks of many lanes on the CPU: each lane is a fiber with a stack of its own, run in a chosen order
// between barriers. A barrier that is missing changes results between orders; one lane alone never shows it.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/launch.h"

namespace rc {

// How the next fiber runs of this thread go. Set by tests.
struct FiberSchedule {
  int lanes = 8;
  uint64_t order = 0;     // 0 ascending, 1 descending, else a seed: a new random order after every barrier
  int64_t left_out = -1;  // a planted fault: the number of the barrier that every lane walks through
};
FiberSchedule& fiber_schedule();

struct FiberBlock;  // the shared state of a block's lanes

class Fiber {
 public:
  Fiber(FiberBlock* block, int lane) : block_(block), lane_(lane) {}
  int64_t index() const;
  int lane() const { return lane_; }
  int lanes() const;
  void sync();
  template <class T>
  T sum(T x) {
    T total = 0;
    meet(double(x), [&](double other) { total = T(total + T(other)); });
    return total;
  }
  template <class T>
  T max(T x) {
    T top = x;
    meet(double(x), [&](double other) { top = T(other) > top ? T(other) : top; });
    return top;
  }
  template <class T>
  T* shared(int64_t n) {
    return static_cast<T*>(take(n * int64_t(sizeof(T))));
  }

 private:
  void meet(double mine,
            const std::function<void(double)>& visit);  // every lane visits every lane's value, in lane order
  void* take(int64_t bytes);

  FiberBlock* block_;
  int lane_;
  int64_t taken_ = 0;
};

// Runs every block of the grid, one after the other. Shared memory starts as NaN in each. Throws
// Error(internal) when a lane leaves while others wait at a barrier, or when a kernel takes more shared
// memory than its grid says.
void run_fibers(const Grid&, const std::function<void(Fiber)>& body);

}  // namespace rc
