#include "data/statistics.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "data/video_entry.h"

namespace rc {
namespace {

Statistics::Frames frames_of(std::vector<size_t> counts) {
  if (counts.empty()) return {};
  std::ranges::sort(counts);
  const auto rank = [&](size_t quarters) {  // the smallest with at least that share at or below it
    return counts[(counts.size() * quarters + 3) / 4 - 1];
  };
  return {counts.size(), counts.front(), rank(1), rank(2), rank(3), counts.back()};
}

}  // namespace

Statistics statistics(const Index& index, const Survey& survey) {
  using Key = std::tuple<std::string, int, std::string, std::string, std::string>;
  std::map<Key, Statistics::Group> groups;
  std::map<std::pair<std::string, std::string>, Statistics::Kind> kinds;
  std::array<std::vector<size_t>, 2> counts;
  for (size_t i = 0; i < index.videos.size(); ++i) {
    const Video& video = index.videos[i];
    Statistics::Group& group = groups[{video.dataset, video.label, video.method, video.comp, video.split}];
    group = {video.dataset,
             video.split,
             video.method,
             video.comp,
             video.label,
             group.videos + 1,
             group.frames + video.frames.size()};
    if (!is_video_file(video)) counts[size_t(video.label)].push_back(video.frames.size());

    const Appearance& seen = survey.appearances[i];
    const std::string format = seen.format.empty() ? "no picture" : seen.format,
                      size = seen.width ? std::to_string(seen.width) + "x" + std::to_string(seen.height) : "";
    Statistics::Kind& kind = kinds[{format, size}];
    kind.format = format, kind.size = size;
    ++(video.label ? kind.fake : kind.real);
  }
  Statistics result;
  for (const auto& [key, group] : groups) result.groups.push_back(group);
  for (const size_t label : {0u, 1u}) result.frames[label] = frames_of(std::move(counts[label]));
  for (const auto& [key, kind] : kinds) result.kinds.push_back(kind);
  std::ranges::stable_sort(result.kinds,
                           [](const auto& a, const auto& b) { return a.real + a.fake > b.real + b.fake; });
  return result;
}

}  // namespace rc
