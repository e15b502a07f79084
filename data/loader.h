// Decodes, augments and assembles batches ahead of the training step, on threads of low priority.
// Batches depend on (index, sampler, augmentation, input, seed, epoch, step) alone, never on the number of
// workers.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/augment.h"
#include "data/index.h"
#include "data/sampler.h"

namespace rc {

// One batch in host memory. N = views * images per view; rows of view 0 first.
struct Batch {
  uint32_t epoch = 0, step = 0;
  int count = 0, size = 0;      // N, and the side of each image
  std::vector<uint8_t> pixels;  // [N, size, size, 3] RGB
  std::vector<uint8_t> flip;    // [N] 1: the device mirrors the row while it normalises
  std::vector<int32_t> label;   // [N] 0 real, 1 fake
  std::vector<int32_t> tuple;   // [N]
  std::vector<Sample> samples;  // [N] what each row is
  double wait_seconds = 0;      // how long next() stood still for this batch
};

class Loader {
 public:
  // Starts `workers` threads (at least 1) that keep `prefetch` batches (at least 1) ready, from (epoch, step)
  // on, without end: after an epoch's last step comes step 0 of the next. `augmentation` has one entry a
  // view; where it blends reals with themselves, row i of the fake half of a view is row i of its real half,
  // blended, with the same draws for all else, and there must be no pairs. The index must outlive the loader.
  Loader(const Index&, const Sampler&, std::vector<Augmentation> augmentation, const NetworkInput&,
         uint64_t seed, int workers, int prefetch, uint32_t epoch, uint32_t step);
  ~Loader();  // waits for no more than the images being worked on

  // The next batch in order. Throws what a worker threw for it, that of the first such image (a file that
  // cannot be read names itself, its video and its frame); a further call throws the same again.
  Batch next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rc
