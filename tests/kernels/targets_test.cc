// Says loudly where the machine cannot run all that was compiled.
#include <doctest/doctest.h>

#include "engine/host/isa.h"

namespace rc {

TEST_SUITE("host") {
  TEST_CASE("the AVX-512 kernels run too") {
    const bool avx512 = host_target() == Target::avx512;
    CHECK((avx512 || host_target() == Target::v3));
    if (!avx512) MESSAGE("skipped: no AVX-512 here, its kernels were not tested");
  }
}

}  // namespace rc
