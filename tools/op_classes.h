// The sorts of work that networks are made of, to be compared from network to network.
#pragma once

#include <string>
#include <vector>

#include "train/step_profile.h"

namespace rc {

inline const std::vector<std::string> kOpClasses = {"conv", "conv dx", "conv dw", "depthwise", "norm",
                                                    "pool", "SE",      "update",  "other"};

// One of them. An op that is computed again is what it was the first time.
std::string class_of(const ProfiledOp&);

// As kOpClasses; a sort that a step has none of has no calls.
std::vector<ProfileGroup> by_class(const StepProfile&);

}  // namespace rc
