#include "train/scored_set.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>

namespace rc {
namespace {

auto key_of(const ScoredVideo& v) { return std::tie(v.dataset, v.label, v.method, v.id); }

// Which group each video of the set belongs to, numbered in the order of their keys.
std::vector<size_t> groups(const ScoredSet& set, VideoKey key) {
  std::vector<size_t> group(set.videos.size());
  std::map<std::string, size_t> number;
  for (const ScoredVideo& v : set.videos) number.emplace(v.folder, 0);
  size_t next = 0;
  for (auto& [folder, n] : number) n = next++;
  for (size_t v = 0; v < group.size(); ++v)
    group[v] = key == VideoKey::identity ? v : number.at(set.videos[v].folder);
  return group;
}

// What a group has come to so far.
struct Sum {
  const ScoredVideo* first = nullptr;
  bool several_datasets = false, several_methods = false;
  double score = 0;
  int frames = 0, fakes = 0;

  void join(const ScoredVideo& v) {
    if (!first) first = &v;
    several_datasets |= v.dataset != first->dataset, several_methods |= v.method != first->method;
  }
};

}  // namespace

bool ScoredVideo::same(const ScoredVideo& other) const { return key_of(*this) == key_of(other); }
bool ScoredVideo::operator<(const ScoredVideo& other) const { return key_of(*this) < key_of(other); }

std::vector<VideoPrediction> video_predictions(const ScoredSet& set, VideoKey key,
                                               const ChosenScores& chosen) {
  const std::vector<size_t> group = groups(set, key);
  std::vector<Sum> sums(set.videos.size());
  for (size_t i = 0; i < set.video.size(); ++i) {
    const ScoredVideo& v = set.videos[size_t(set.video[i])];
    if (!chosen.wanted(v)) continue;
    Sum& sum = sums[group[size_t(set.video[i])]];
    sum.join(v);
    sum.score += chosen.score[i], ++sum.frames, sum.fakes += v.label;
  }
  for (int v : set.failed)
    if (chosen.wanted(set.videos[size_t(v)])) sums[group[size_t(v)]].join(set.videos[size_t(v)]);

  std::vector<VideoPrediction> out;
  for (const Sum& sum : sums) {
    if (!sum.first) continue;
    const ScoredVideo& v = *sum.first;
    out.push_back({sum.several_datasets ? "several" : v.dataset, key == VideoKey::identity ? v.id : v.folder,
                   sum.frames == 0 ? v.label : int(sum.fakes == sum.frames),
                   sum.several_methods ? "several" : v.method, sum.frames,
                   sum.frames == 0 ? 0.5 : sum.score / sum.frames});
  }
  return out;
}

ScoredSet scored_set(std::span<const FramePrediction> frames) {
  const auto video_of = [](const FramePrediction& p) {
    return ScoredVideo{p.dataset, p.label, p.method, p.video, folder_name(p.path)};
  };
  std::map<ScoredVideo, int> number;
  for (const FramePrediction& p : frames) number.emplace(video_of(p), 0);
  ScoredSet set;
  for (auto& [video, n] : number) n = int(set.videos.size()), set.videos.push_back(video);
  for (const FramePrediction& p : frames) {
    set.video.push_back(number.at(video_of(p)));
    set.prob_fake.push_back(p.prob_fake);
    set.real_distance.push_back(p.real_distance);
  }
  return set;
}

std::string folder_name(const std::string& frame_path) {
  const std::filesystem::path path(frame_path);
  return frame_path.find('#') == std::string::npos ? path.parent_path().filename().string()
                                                   : path.stem().string();
}

}  // namespace rc
