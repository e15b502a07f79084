// Scores video files that stand in no index: the face of each of some frames, and their mean.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "data/faces.h"
#include "data/image.h"
#include "train/scorer.h"

namespace rc {

// What of a frame a detector is shown: all of it, or its biggest face as `data prepare` crops it.
enum class FaceCrop { none, box, aligned };

struct VideoScore {
  double prob_fake = 0, real_distance = 0;  // means over the frames scored; a distance as in Score
  int frames = 0;                           // scored
  int no_face = 0;                          // asked for, but without a face: not scored
  std::string problem;                      // why there is no score; empty where there is one
  std::string remark;                       // where the video breaks off; its good frames are scored
  Image explained;  // where that was asked for: the frame of the highest P(fake) as the network sees it, with
                    // its heat map laid over
};

struct VideoScoring {
  int frames = 32;  // at most, evenly spaced over those that decoding counts
  FaceCrop crop = FaceCrop::aligned;
  std::function<Image(const Image&)> seen;  // an image at the network's size; called from several threads
  bool explained = false;                   // with a scorer that inspects
};

// One video, or an image as a video of one frame. `finder` is there unless the crop is none. Throws only what
// is no fault of the file. As many decoded frames are held as there are cores.
VideoScore score_video(Scorer&, const std::filesystem::path&, const VideoScoring&, const FaceFinder* finder);

}  // namespace rc
