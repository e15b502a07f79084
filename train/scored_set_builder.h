// Makes a ScoredSet of scores that come frame by frame, and its predictions.csv beside it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "data/index.h"
#include "engine/growing_file.h"
#include "train/scored_set.h"
#include "train/scorer.h"

namespace rc {

class ScoredSetBuilder {
 public:
  // Of the frames of an index, in its order; it must live as long. The file is written piece by piece, and is
  // there once finish() was called; none where the path is empty.
  ScoredSetBuilder(const Index&, const std::filesystem::path& predictions);

  size_t frames() const { return begin_.back(); }  // of the index
  std::pair<int, int> place(size_t frame) const;   // the video and the frame in it, in the index

  // The next frame of the index, each once.
  void add(const Score&);
  void leave_out();  // it could not be read

  ScoredSet finish();  // when every frame was added or left out

 private:
  const Index& index_;
  std::vector<size_t> begin_;    // of the index's videos, the number of the first frame; and their end
  std::vector<int> number_;      // of the index's videos, that among set_.videos
  std::vector<bool> has_frame_;  // of set_.videos
  std::set<int> left_out_;       // videos that miss a frame
  size_t next_ = 0;
  ScoredSet set_;
  std::optional<GrowingFile> file_;
};

}  // namespace rc
