// Decodes, augments and assembles batches ahead of the training step, on threads of low priority.
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
  int count = 0, size = 0;
  std::vector<uint8_t> pixels;  // [N, size, size, 3] RGB
  std::vector<uint8_t> flip;    // [N] 1: the device mirrors the row while it normalises
  std::vector<int32_t> label;   // [N] 0 real, 1 fake
  std::vector<int32_t> tuple;   // [N]
  std::vector<Sample> samples;  // [N] what each row is
  double wait_seconds = 0;      // how long next() stood still for this batch
};

class Loader {
 public:
  // Starts `workers` threads (at least 1) that keep `prefetch` batches ready, from (epoch, step) on, without
  // end.
  Loader(const Index&, const Sampler&, const Augmentation&, int image_size, uint64_t seed, int workers,
         int prefetch, uint32_t epoch, uint32_t step);
  ~Loader();
  // The next batch in order. Throws what a worker threw (a file that cannot be read names itself, its video
  // and its frame).
  Batch next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rc
