// Which images make up a training batch. A pure function of (seed, epoch, step): neither workers nor earlier
// batches matter.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/index.h"

namespace rc {

// One image of one view of a batch.
struct Sample {
  int video = 0;  // into Index::videos
  int frame = 0;  // into Video::frames
  int tuple =
      0;         // shared by the images of one forgery tuple, unique within the batch; balanced: one an image
  int view = 0;  // 0 light, 1 interference
  uint32_t geometry = 0;    // key of the geometric draws: a target's fakes share it and stay pixel-aligned
  uint32_t photometry = 0;  // key of the photometric and compression draws: one per image and view
  bool operator==(const Sample&) const = default;
};

struct SamplerOptions {
  std::string pairing = "auto";     // tuple | balanced | auto (tuple where the index has pairs)
  std::string method_pair = "any";  // any | cross (one identity swap, one reenactment) | same
  int batch = 32;                   // images per view, half of them real; a multiple of 4 under `tuple`
  int views = 2;
  uint64_t seed = 0;
};

// `tuple`: a batch is batch / 4 directed tuples {R_t[k], R_s[k'], F^m1_ts[k], F^m2_ts[k]}. Frame k is one
// that R_t and both fakes have, by its name; m1 and m2 differ where the pair has two methods, else both fakes
// are the same image. No real video comes twice in a batch while there are pairs enough; then come pairs that
// share a person but not both; then pairs come again.
//
// `balanced`: batch / 2 real and batch / 2 fake videos, none twice while there are enough, one frame of each.
//
// Videos are drawn anew for each batch, uniformly, so an epoch covers them in expectation.
class Sampler {
 public:
  // Keeps no reference to the index. Throws Error(usage) for options that are none, Error(data) for a class
  // or pairs that are missing.
  Sampler(const Index& train, SamplerOptions);

  // As many batches as show the frames once: of each directed pair's target under `tuple`, of all videos
  // under `balanced`.
  int steps_per_epoch() const { return steps_; }
  // The whole batch, view after view: size views * batch. In a view, tuples one after the other in the order
  // above (real, real, fake, fake), or the real half before the fake half. Image i is the same video and
  // frame in all views.
  std::vector<Sample> batch(uint32_t epoch, uint32_t step) const;

  bool pairs() const { return !pairs_.empty(); }  // whether the tuple sampler is in use
  const SamplerOptions& options() const { return options_; }

 private:
  using Pick = std::pair<int, int>;  // video, frame
  struct Directed {                  // the forgeries with one target and one source
    int target = 0, source = 0;
    std::vector<std::pair<int, int>> fakes;  // the choices of (m1, m2), as videos
  };
  using Pair = std::vector<Directed>;  // one or both directions

  void find_pairs(const Index&);
  bool choose_fakes(const Index&, Directed&, const std::vector<int>& fakes) const;
  std::vector<std::vector<int>> common_frames(const std::vector<int>& videos) const;
  std::vector<Pick> draw_tuples(uint32_t epoch, uint32_t step) const;
  std::vector<Pick> draw_balanced(uint32_t epoch, uint32_t step) const;

  SamplerOptions options_;
  int steps_ = 0;
  std::vector<int> real_, fake_;  // videos
  std::vector<int> frames_;       // of each video
  std::vector<std::vector<std::pair<int, int>>>
      by_name_;  // of each video: (name of the frame, frame), sorted
  std::vector<Pair> pairs_;
};

}  // namespace rc
