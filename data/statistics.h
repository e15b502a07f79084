// How many videos and frames a data set has, of which kind.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/index.h"
#include "data/survey.h"

namespace rc {

struct Statistics {
  // Videos of one split, method and compression of one set.
  struct Group {
    std::string dataset, split, method, comp;
    int label = 0;
    size_t videos = 0, frames = 0;
  };
  std::vector<Group> groups;  // sorted by (dataset, label, method, comp, split)

  // Frames a video, of real and of fake ones; video files are left out.
  struct Frames {
    size_t videos = 0;
    size_t least = 0, quarter = 0, half = 0, three_quarters = 0, most = 0;  // nearest rank
  };
  Frames frames[2];

  // What the first frame of a video is like, the commonest first.
  struct Kind {
    std::string format, size;   // "PNG", "256x256"
    size_t real = 0, fake = 0;  // videos
  };
  std::vector<Kind> kinds;
};

Statistics statistics(const Index&, const Survey&);

}  // namespace rc
