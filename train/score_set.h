// Scores the frames of an indexed set with a detector.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/image.h"
#include "data/index.h"
#include "train/predictions.h"
#include "train/scorer.h"

namespace rc {

// Every frame of the set, in the index's order. `altered` gives what is scored in place of a stored image,
// whose number in that order it hears; it is called from several threads. `done` hears how many of how many
// are scored.
std::vector<FramePrediction> score_set(Scorer&, const Index&, int image_size,
                                       const std::function<Image(Image, uint32_t number)>& altered = {},
                                       const std::function<void(size_t, size_t)>& done = {});

}  // namespace rc
