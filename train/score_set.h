// Scores the frames of an indexed set with a detector.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "data/image.h"
#include "data/index.h"
#include "data/network_input.h"
#include "train/scored_set.h"
#include "train/scorer.h"

namespace rc {

// How a set is scored.
struct Scoring {
  NetworkInput input = {};
  // What is scored in place of a stored image, whose number in the index's order it hears; called from
  // several threads.
  std::function<Image(Image, uint32_t number)> altered = {};
  // In place of stored images: frame `frame` of a video of the index, each asked for once; from several
  // threads.
  std::function<Image(int video, int frame)> frame = {};
  bool skip_unreadable = false;  // leave out frames that cannot be read, and warn; else they are an error
  std::filesystem::path predictions = {};  // predictions.csv, written as the scores come; none where empty
  // Hears how many of how many are scored.
  std::function<void(size_t, size_t)> done = {};
};

// Every frame of the set, in the index's order. What is held beside the index is a ScoredSet, two batches of
// images, a few video files' frames and a buffer of the file.
ScoredSet score_set(Scorer&, const Index&, const Scoring&);

}  // namespace rc
