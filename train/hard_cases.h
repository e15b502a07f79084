// Which frames of a set say most about a detector: where it is surely wrong, and where it is barely right.
#pragma once

#include <span>
#include <vector>

#include "train/predictions.h"

namespace rc {

// Places among the predictions, the most telling first; at most one frame of a video in each list, ties by
// the predictions' order. A fake is called one where P(fake) is above a half.
struct HardCases {
  std::vector<size_t> missed;   // fakes that are called real, the lowest P(fake) first
  std::vector<size_t> accused;  // reals that are called fake, the highest first
  std::vector<size_t> barely;   // right, nearest to a half first
};

HardCases hard_cases(std::span<const FramePrediction>, size_t most);

// At most `most` places of each class, evenly spaced over the class's frames, in the predictions' order.
std::vector<size_t> spread_sample(std::span<const FramePrediction>, size_t most_of_a_class);

}  // namespace rc
