#include "engine/host/isa.h"

#include "engine/error.h"

namespace rc {

Target host_target() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return Target::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    return Target::v3;
  throw Error(Exit::device, "this processor has neither AVX-512 nor AVX2 with FMA", "CPU device",
              "x86-64-v3 (2013 and later) is the least");
}

}  // namespace rc
