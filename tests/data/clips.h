// Clips whose frames say which they are.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "data/image.h"
#include "data/video.h"
#include "tests/data/fixtures.h"

namespace rc {

// Frame i of a clip: a white square on a gradient, 4 pixels further with each frame.
inline Image numbered(int height, int width, int i) {
  Image image = gradient(height, width);
  for (int y = 8; y < 16; ++y)
    for (int x = 0; x < 8; ++x) std::ranges::fill(std::span(image.at(y, (4 * i) % (width - 8) + x), 3), 255);
  return image;
}

inline std::vector<Image> clip_of(int frames, int height = 48, int width = 64) {
  std::vector<Image> clip;
  for (int i = 0; i < frames; ++i) clip.push_back(numbered(height, width, i));
  return clip;
}

// Which frame of the clip an image is nearest to.
inline int nearest(const std::vector<Image>& clip, const Image& image) {
  return int(
      std::ranges::min_element(clip, {}, [&](const Image& other) { return mean_difference(image, other); }) -
      clip.begin());
}

// Whether videos cannot be read here; says so for the test that asks.
inline bool no_videos() {
  const std::string missing = why_no_video();
  if (!missing.empty()) MESSAGE("skipped: ", missing);
  return !missing.empty();
}

}  // namespace rc
