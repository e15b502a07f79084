#include "train/scored_set_builder.h"

#include <algorithm>

#include "engine/error.h"

namespace rc {

ScoredSetBuilder::ScoredSetBuilder(const Index& index, const std::filesystem::path& predictions)
    : index_(index) {
  std::vector<ScoredVideo> videos;
  begin_.push_back(0);
  for (const Video& v : index.videos) {
    begin_.push_back(begin_.back() + v.frames.size());
    videos.push_back(
        {v.dataset, v.label, v.method, v.id, v.frames.empty() ? "" : folder_name(v.frames.front())});
  }
  set_.videos = videos;
  std::ranges::stable_sort(set_.videos, std::less<>());
  const auto same = [](const ScoredVideo& a, const ScoredVideo& b) { return a.same(b); };
  set_.videos.erase(std::unique(set_.videos.begin(), set_.videos.end(), same), set_.videos.end());
  for (const ScoredVideo& v : videos)
    number_.push_back(int(std::ranges::lower_bound(set_.videos, v, std::less<>()) - set_.videos.begin()));
  has_frame_.resize(set_.videos.size());
  set_.video.reserve(frames()), set_.prob_fake.reserve(frames()), set_.real_distance.reserve(frames());
  if (!predictions.empty()) file_.emplace(predictions).write(predictions_header());
}

std::pair<int, int> ScoredSetBuilder::place(size_t frame) const {
  const auto after = std::ranges::upper_bound(begin_, frame);
  const auto video = after - begin_.begin() - 1;
  return {int(video), int(frame - begin_[size_t(video)])};
}

void ScoredSetBuilder::add(const Score& score) {
  const auto [video, frame] = place(next_++);
  const int number = number_[size_t(video)];
  has_frame_[size_t(number)] = true;
  set_.video.push_back(number);
  set_.prob_fake.push_back(score.prob_fake());
  set_.real_distance.push_back(score.distance);
  if (!file_) return;
  const Video& v = index_.videos[size_t(video)];
  file_->write(predictions_line({v.dataset, v.split, v.id, frame, v.frames[size_t(frame)], v.label, v.method,
                                 score.prob_fake(), score.logit_real, score.logit_fake, score.distance}));
}

void ScoredSetBuilder::leave_out() {
  left_out_.insert(number_[size_t(place(next_++).first)]);
  ++set_.unreadable;
}

ScoredSet ScoredSetBuilder::finish() {
  check(next_ == frames(), "every frame of the index was scored or left out", "evaluation");
  for (int v : left_out_)
    if (!has_frame_[size_t(v)]) set_.failed.push_back(v);
  if (file_) file_->finish();
  return std::move(set_);
}

}  // namespace rc
