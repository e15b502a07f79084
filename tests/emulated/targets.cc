// The emulated test program runs kernels as nvcc compiled them; a complaint about one fails its case.
#include <doctest/doctest.h>

#include "tests/emulated/emulator.h"
#include "tests/kernels/on_targets.h"

namespace rc {

std::vector<TestedTarget> tested_targets() { return {{"cuda, emulated", Target::cuda}}; }

void run_to_the_end(Target target, const std::function<void()>& start) {
  if (target != Target::cuda) return start();
  const std::string said = complaints(start);
  if (!said.empty()) FAIL(said);
}

}  // namespace rc
