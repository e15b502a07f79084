#include "train/score_set.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <set>
#include <thread>

#include "data/frames_ahead.h"
#include "engine/error.h"
#include "train/scored_set_builder.h"

namespace rc {

ScoredSet score_set(Scorer& scorer, const Index& index, const Scoring& how) {
  ScoredSetBuilder builder(index, how.predictions);
  const size_t count = builder.frames();
  const auto sized = [&](const Image& image) { return how.input.of(image); };
  FramesAhead frames(
      index,
      [&](Image stored, size_t i) {
        return sized(how.altered ? how.altered(std::move(stored), uint32_t(i)) : stored);
      },
      std::max(1u, std::thread::hardware_concurrency()), how.input.smallest_decoded());

  std::mutex mutex;
  std::set<size_t> unreadable;  // their numbers, until their scores come
  const auto image = [&](size_t i) {
    try {
      if (!how.frame) return frames.take(i);
      const auto [video, frame] = builder.place(i);
      return sized(how.frame(video, frame));
    } catch (const Error& error) {
      if (!how.skip_unreadable || error.code() != Exit::data) throw;
      std::fprintf(stderr, "realcentric: warning: left out: %s\n", error.what());
      const std::lock_guard lock(mutex);
      unreadable.insert(i);
      return Image(how.input.size, how.input.size);  // keeps the frame's place in its batch
    }
  };
  size_t next = 0;
  scorer.stream(count, image, [&](std::span<const Score> batch) {
    for (const Score& score : batch) {
      const std::lock_guard lock(mutex);
      unreadable.erase(next) ? builder.leave_out() : builder.add(score);
      ++next;
    }
    if (how.done) how.done(next, count);
  });
  return builder.finish();
}

}  // namespace rc
