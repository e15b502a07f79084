// What the processor could do at most: fused multiply-adds on registers, nothing loaded or stored.
#pragma once

namespace rc {

// fp32 FLOP/s (a fused multiply-add is two) of `threads` threads at once, the best of several short tries.
double measure_fma_ceiling(int threads);

}  // namespace rc
