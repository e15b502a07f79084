// An engine of cuDNN with the values of its knobs: enough to build the same plan again.
#pragma once

#include <cstdint>
#include <vector>

namespace rc {

struct EngineChoice {
  struct Knob {
    int64_t type, value;
    bool operator==(const Knob&) const = default;
  };
  int64_t engine = 0;
  std::vector<Knob> knobs;

  bool operator==(const EngineChoice&) const = default;
};

}  // namespace rc
