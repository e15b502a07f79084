#include "train/training_data.h"

#include "train/score_set.h"

namespace rc {

Index corpus_of(const Config& c) {
  return evenly_spaced(load_index(c.data.path, c.data.read), c.data.frames_per_video);
}

Loader training_batches(const Config& c, const Index& train, const Sampler& sampler, uint32_t epoch,
                        uint32_t step) {
  std::vector<Augmentation> views = {c.augment ? Augmentation::light() : Augmentation::none()};
  if (c.sampler.views == 2) views.push_back(c.augment ? c.augmentation : Augmentation::none());
  return Loader(train, sampler, std::move(views), c.data.img_size, c.seed, c.data.workers, c.data.prefetch,
                epoch, step);
}

}  // namespace rc
