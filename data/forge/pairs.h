// Who is forged with whom, and in which split: pairs of people as in FaceForensics++, where (a, b) stands for
// the fakes a_b and b_a and no person is in two splits.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/people.h"

namespace rc {

struct SplitPairs {
  const char* name;                        // train | val | test
  std::vector<std::pair<int, int>> pairs;  // into the people; the smaller number first
};

// About 70, 12 and 18 in a hundred pairs, at least one each. People are dealt to the splits by a shuffle;
// within a split those of like face shape and colour are paired, as forgers choose them. An odd person stays
// out. Throws Error(data) for fewer than six people.
std::array<SplitPairs, 3> pair_people(const std::vector<Person>&, uint64_t seed);

}  // namespace rc
