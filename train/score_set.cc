#include "train/score_set.h"

#include <algorithm>
#include <thread>

#include "data/augment.h"
#include "data/frames_ahead.h"

namespace rc {

std::vector<FramePrediction> score_set(Scorer& scorer, const Index& index, int image_size,
                                       const std::function<Image(Image, uint32_t)>& altered,
                                       const std::function<void(size_t, size_t)>& done) {
  struct Place {
    int video, frame;
  };
  std::vector<Place> places;
  for (size_t v = 0; v < index.videos.size(); ++v)
    for (size_t f = 0; f < index.videos[v].frames.size(); ++f) places.push_back({int(v), int(f)});

  FramesAhead frames(
      index,
      [&](Image stored, size_t i) {
        if (altered) stored = altered(std::move(stored), uint32_t(i));
        return augment(stored, Augmentation::none(), image_size, 0, 0, 0, 0).image;
      },
      std::max(1u, std::thread::hardware_concurrency()));
  const std::vector<Score> scores = scorer.run(
      places.size(), [&](size_t i) { return frames.take(i); },
      [&](size_t n) {
        if (done) done(n, places.size());
      });

  std::vector<FramePrediction> out;
  for (size_t i = 0; i < places.size(); ++i) {
    const Video& v = index.videos[size_t(places[i].video)];
    out.push_back({v.dataset, v.split, v.id, places[i].frame, v.frames[size_t(places[i].frame)], v.label,
                   v.method, scores[i].prob_fake(), scores[i].logit_real, scores[i].logit_fake,
                   scores[i].distance});
  }
  return out;
}

}  // namespace rc
