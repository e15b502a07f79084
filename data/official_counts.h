// How many videos a published set has, to be compared with what is here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/index.h"

namespace rc {

// A set by the name that `data check --expect` has for it.
std::vector<std::string> official_sets();

// What is not as published, a sentence each ("Deepfakes: 999 of 1000 videos, without 281_474"); empty where
// all is there. Throws Error(usage) for an unknown set.
std::vector<std::string> deviations(const Index&, std::string_view set);

}  // namespace rc
