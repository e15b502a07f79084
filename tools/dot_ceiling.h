// What the processor could do at most in bf16: products of pairs summed in fp32, on registers.
#pragma once

namespace rc {

struct DotCeiling {
  double flop_per_second = 0;  // 0: no instruction for it
  const char* unit = "";       // "AMX" or "AVX512_BF16", the faster of those that are there
};

// Of `threads` threads at once, the best of several short tries.
DotCeiling measure_dot_ceiling(int threads);

}  // namespace rc
