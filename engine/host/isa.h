// Which instruction set this processor's kernels use.
#pragma once

#include "engine/launch.h"

namespace rc {

// avx512 where the processor has x86-64-v4, else v3. Throws Error(device) on a processor without AVX2 and
// FMA.
Target host_target();

}  // namespace rc
