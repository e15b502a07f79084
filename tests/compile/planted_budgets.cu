// Kernels with a planted fault each, but for the first: they, and the last budget, must be named by budgets.awk.
#include <cstdint>

#include "engine/block.h"
#include "engine/launch.h"

namespace rc {

template <int fault>
struct Doubles {
  float* x;
  int64_t n;

  static constexpr size_t kShared = 1024;
  Grid grid() const { return {}; }
  template <class Block>
  RC_HD void operator()(Block block) const {
    for (int64_t i = block.lane(); i < n; i += block.lanes()) x[i] *= 2;
  }
};
using WithinBudget = Doubles<0>;
using TooManyRegisters = Doubles<1>;
using TooMuchShared = Doubles<2>;
using NoBudget = Doubles<3>;

// More values at once than a thread has registers.
struct Spills {
  float* x;
  int64_t n;

  Grid grid() const { return {}; }
  template <class Block>
  RC_HD void operator()(Block block) const {
    constexpr int many = 300;
    float v[many];
    RC_UNROLL
    for (int i = 0; i < many; ++i) v[i] = x[i * n];
    RC_UNROLL
    for (int i = 0; i < many; ++i) x[i * n] = v[i] * v[many - 1 - i];
  }
};

template void enter<Target::RC_TARGET>(const WithinBudget&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const TooManyRegisters&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const TooMuchShared&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const NoBudget&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Spills&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   Doubles<0>  40  1024
//   Doubles<1>   4  1024
//   Doubles<2>  40   512
//   Spills     256     0  stack 1024
//   NoKernel    40     0

}  // namespace rc
