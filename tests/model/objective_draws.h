// Random configurations of the objective, and batches for them: all switches, batches from two rows on, none
// or one of a class among them.
#pragma once

#include "engine/rng.h"
#include "tests/model/objective_run.h"

namespace rc {

class ObjectiveDraws {
 public:
  explicit ObjectiveDraws(uint32_t index) : rng_(73, Purpose::test, index) {}
  ObjectiveSetup setup();
  ObjectiveStep step(const ObjectiveSetup&, int number);

 private:
  template <class... T>
  auto of(T... options) {
    const std::vector list{options...};
    return list[rng_.below(uint32_t(list.size()))];
  }
  bool coin(float p = .5f) { return rng_.coin(p); }
  int between(int low, int high) { return low + int(rng_.below(uint32_t(high - low + 1))); }

  Rng rng_;
};

}  // namespace rc
