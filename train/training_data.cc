#include "train/training_data.h"

#include <algorithm>

#include "data/evenly_spaced.h"
#include "data/video_entry.h"
#include "train/augmentations.h"
#include "train/detector_config.h"

namespace rc {

Index corpus_of(const Config& c) {
  Index index = load_index(c.data.path, c.data.read);
  // Training looks at no test video, and finding out how long one is takes decoding it.
  std::erase_if(index.videos,
                [](const Video& video) { return video.split == "test" && is_video_file(video); });
  const auto files = std::ranges::count_if(index.videos, is_video_file);
  index = evenly_spaced(std::move(index), c.data.frames_per_video, Spacing::target);
  if (files > 0)
    index.remarks.push_back(std::to_string(files) +
                            " videos are decoded anew for every frame, and whole frames are trained on: "
                            "realcentric data prepare makes crops of the faces once and for all");
  return index;
}

Loader training_batches(const Config& c, const Index& train, const Sampler& sampler, uint32_t epoch,
                        uint32_t step) {
  return Loader(train, sampler, augmentations(c), network_input(c), c.seed, c.data.workers, c.data.prefetch,
                epoch, step);
}

}  // namespace rc
