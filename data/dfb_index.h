// An index as DeepfakeBench has it.
#pragma once

#include <string>

#include "data/index.h"

namespace rc {

// {dataset: {label: {split: {[compression:] {video: {"label", "frames"}}}}}}, keys sorted: byte-identical for
// the same index, which reading it back gives again.
std::string to_dfb(const Index&);

}  // namespace rc
