// A kernel with a planted fault: it calls a function that only the CPU has. nvcc merely warns; the compile rung
// must refuse it.
#include <cstdint>

#include "engine/block.h"
#include "engine/launch.h"

namespace rc {

double host_only(double x) { return x * 2; }

struct Planted {
  double* y;  // [n]
  int64_t n;

  Grid grid() const { return {}; }
  template <class Block>
  RC_HD void operator()(Block block) const {
    for (int64_t i = block.lane(); i < n; i += block.lanes()) y[i] = host_only(y[i]);
  }
};

template void enter<Target::RC_TARGET>(const Planted&, const Grid&, void*);

}  // namespace rc
