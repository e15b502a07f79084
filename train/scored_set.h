// What a detector said of a whole set, small: 16 bytes a frame, whatever the names of files are; the names of
// a video are kept once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "train/predictions.h"

namespace rc {

struct ScoredVideo {
  std::string dataset;
  int label = 0;
  std::string method, id;
  std::string folder;  // the name of the one that its first frame lies in

  // A video is (dataset, label, method, id).
  bool same(const ScoredVideo& other) const;
  bool operator<(const ScoredVideo& other) const;
};

// What counts as one video.
enum class VideoKey {
  identity,  // (dataset, label, method, id)
  folder,    // the name of the folder alone, as in DeepfakeBench: methods that share it are merged
};

struct ScoredSet {
  std::vector<ScoredVideo> videos;   // sorted, each once
  std::vector<int> video;            // of each frame, in the order of the index
  std::vector<double> prob_fake;     // of each frame
  std::vector<float> real_distance;  // of each frame, 1 - z . c; NaN without a centre
  int64_t unreadable = 0;            // frames that were left out
  std::vector<int> failed;           // videos of which all frames were
};

// The scores of frames, and which of them count.
struct ChosenScores {
  std::span<const double> score;        // of each frame of the set
  const std::string* method = nullptr;  // this method's fakes and all reals; null: all

  bool wanted(const ScoredVideo& v) const { return !method || v.label == 0 || v.method == *method; }
};

// One row a video that has chosen frames: the mean of their scores. Sorted as the set's videos are, or by the
// folder's name. Of what `folder` merges the label is 1 where all frames are fake (DeepfakeBench's whole mean
// of labels). A video that failed scores one half, by no frame.
std::vector<VideoPrediction> video_predictions(const ScoredSet&, VideoKey, const ChosenScores&);

// Of predictions that were read back.
ScoredSet scored_set(std::span<const FramePrediction>);

// The folder that DeepfakeBench would name a video after: the last but one name of a frame's path, for a
// frame of a video file ("videos/071.mp4#12") the file's name without extension.
std::string folder_name(const std::string& frame_path);

}  // namespace rc
