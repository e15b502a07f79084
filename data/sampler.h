// Which images make up a training batch. A pure function of (seed, epoch, step): nothing depends on workers
// or on earlier batches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/index.h"

namespace rc {

// One image of one view of a batch.
struct Sample {
  int video = 0;  // into Index::videos
  int frame = 0;  // into Video::frames
  int tuple =
      0;  // images of one forgery tuple share it; unique within the batch (balanced sampler: one per image)
  int view = 0;             // 0 light, 1 interference
  uint32_t geometry = 0;    // key of the geometric draws: shared by the target and the fakes made of it
                            // (pixel-aligned), own otherwise
  uint32_t photometry = 0;  // key of the photometric and compression draws: one per image and view
};

struct SamplerOptions {
  std::string pairing = "auto";     // tuple | balanced | auto (tuple where the index has pairs)
  std::string method_pair = "any";  // any | cross | same
  int batch = 32;                   // images per view, half of them real; tuples of 4 under `tuple`
  int views = 2;
  uint64_t seed = 0;
};

class Sampler {
 public:
  Sampler(const Index& train, SamplerOptions);  // keeps no reference to the index

  int steps_per_epoch() const;
  // The whole batch, view after view: size views * batch; labels come from the videos.
  std::vector<Sample> batch(uint32_t epoch, uint32_t step) const;
  bool pairs() const;  // whether the tuple sampler is in use

 private:
  struct Pool;
  std::vector<int> real_, fake_;
  SamplerOptions options_;
};

}  // namespace rc
