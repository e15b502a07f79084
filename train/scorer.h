// Scores images with a detector: the inference program and its batches.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "data/image.h"
#include "engine/program.h"
#include "model/detector.h"
#include "train/heat_map.h"

namespace rc {

struct Score {
  float logit_real = 0, logit_fake = 0;
  float distance = std::numeric_limits<float>::quiet_NaN();  // 1 - z . c; NaN without a centre
  // softmax(logits)[1], P(fake).
  double prob_fake() const;
};

// What the score of an image is made of.
struct Inspection {
  std::vector<float> embedding;  // as the projection head gives it; the pooled features where there is none
  LogitMap fake;                 // of the logit of "fake"
};

class Scorer {
 public:
  // Declares no variables but those that the detector has. Call prepare() when they are allocated. Takes at
  // most `batch` images at a time, fewer where the device is as fast with fewer (Device::inference_batch).
  // `inspects`: run() can tell what scores are made of.
  Scorer(Device&, Variables&, const DetectorOptions&, const Policy&, int64_t batch, int64_t size,
         bool inspects = false);
  // `shared`: memory that is free while scoring; used if it is large enough.
  void prepare(const Memory& shared = {}) { program_->prepare(shared); }

  // Scores `count` images in order, a batch at a time, and holds no more than two: `scored` hears of every
  // batch. `image(i)` gives the i-th at size x size; it is called from several threads, each i once.
  // `inspected`, where the scorer inspects, hears of each image in order.
  void stream(size_t count, const std::function<Image(size_t)>& image,
              const std::function<void(std::span<const Score>)>& scored,
              const std::function<void(size_t, Inspection)>& inspected = {});
  // All scores at once; `done` hears how many there are, after each batch.
  std::vector<Score> run(size_t count, const std::function<Image(size_t)>& image,
                         const std::function<void(size_t)>& done = {},
                         const std::function<void(size_t, Inspection)>& inspected = {});

  const Program& program() const { return *program_; }

 private:
  std::vector<float> weights_of_fake() const;

  Device& device_;
  int64_t batch_, size_;
  bool has_centre_, inspects_;
  Inference values_;
  std::unique_ptr<Program> program_;
};

}  // namespace rc
