#include "train/score_set.h"

#include "data/augment.h"
#include "data/frame.h"

namespace rc {

Index evenly_spaced(Index index, int frames) {
  if (frames <= 0) return index;
  for (Video& v : index.videos) {
    const size_t have = v.frames.size(), want = size_t(frames);
    if (have <= want) continue;
    std::vector<std::string> kept, hashes;
    for (size_t i = 0; i < want; ++i) {
      const size_t at = want == 1 ? 0 : i * (have - 1) / (want - 1);
      kept.push_back(v.frames[at]);
      if (!v.sha256.empty()) hashes.push_back(v.sha256[at]);
    }
    v.frames = std::move(kept), v.sha256 = std::move(hashes);
  }
  return index;
}

std::vector<FramePrediction> score_set(Scorer& scorer, const Index& index, int image_size,
                                       const std::function<Image(Image, uint32_t)>& altered,
                                       const std::function<void(size_t, size_t)>& done) {
  struct Place {
    int video, frame;
  };
  std::vector<Place> places;
  for (size_t v = 0; v < index.videos.size(); ++v)
    for (size_t f = 0; f < index.videos[v].frames.size(); ++f) places.push_back({int(v), int(f)});

  const auto image = [&](size_t i) {
    Image stored = read_frame(index, places[i].video, places[i].frame);
    if (altered) stored = altered(std::move(stored), uint32_t(i));
    return augment(stored, Augmentation::none(), image_size, 0, 0, 0, 0).image;
  };
  const std::vector<Score> scores = scorer.run(places.size(), image, [&](size_t n) {
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
