#include "data/evenly_spaced.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <thread>
#include <tuple>

#include "data/parallel.h"
#include "data/video.h"
#include "data/video_entry.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {
namespace {

constexpr const char* kChanged = "the file has changed since the index was made";

// How many frames each video file has, -1 for rows that are none; and what there is to say of them.
struct Counted {
  std::vector<int64_t> frames;
  std::vector<std::string> remarks;
};

FrameCount count(const Index& index, const Video& video) {
  const std::filesystem::path path = index.root / video.frames[0];
  try {
    if (!video.sha256.empty() && sha256(read_file(path)) != video.sha256[0]) return {0, kChanged};
    return count_frames(path);
  } catch (const Error& error) {
    if (error.code() != Exit::data) throw;
    return {0, error.where()};
  }
}

Counted count_all(const Index& index) {
  std::vector<size_t> files;
  for (size_t v = 0; v < index.videos.size(); ++v)
    if (is_video_file(index.videos[v])) files.push_back(v);
  Counted counted{std::vector<int64_t>(index.videos.size(), -1), {}};
  if (files.empty()) return counted;
  if (const std::string missing = why_no_video(); !missing.empty())
    throw Error(Exit::data, missing, index.videos[files[0]].frames[0] + " is a video",
                "install libav and build again, or extract the frames into images");
  std::vector<FrameCount> counts(files.size());
  parallel_for(files.size(), int(std::max(1u, std::thread::hardware_concurrency())),
               [&](size_t i) { counts[i] = count(index, index.videos[files[i]]); });
  for (size_t i = 0; i < files.size(); ++i) {
    const auto& [frames, damage] = counts[i];
    const std::string& file = index.videos[files[i]].frames[0];
    counted.frames[files[i]] = frames;
    if (frames == 0)
      counted.remarks.push_back(file + " is left out: " + (damage.empty() ? "it has no frame" : damage));
    else if (!damage.empty())
      counted.remarks.push_back(file + " is used as far as it is good: " + damage);
  }
  return counted;
}

// Of each fake video file the length to space over: its target's, where that one is here.
std::vector<int64_t> lengths_of_targets(const Index& index, const std::vector<int64_t>& frames) {
  std::map<std::tuple<std::string, std::string, std::string>, int64_t> reals;
  for (size_t v = 0; v < frames.size(); ++v)
    if (const Video& video = index.videos[v]; video.label == 0 && frames[v] > 0)
      reals.try_emplace({video.dataset, video.split, video.id}, frames[v]);
  std::vector<int64_t> lengths = frames;
  for (size_t v = 0; v < frames.size(); ++v)
    if (const Video& video = index.videos[v]; video.label == 1 && frames[v] > 0)
      if (const auto target = reals.find({video.dataset, video.split, video.target}); target != reals.end())
        lengths[v] = target->second;
  return lengths;
}

void choose_files(Video& video, int64_t have, int64_t length, int wanted) {
  std::vector<int64_t> numbers(static_cast<size_t>(length));
  std::iota(numbers.begin(), numbers.end(), 0);
  if (wanted > 0 && length > wanted) numbers = spaced_numbers(length, wanted);
  const std::string file = video.frames[0];
  video.frames.clear(), video.sha256.clear();
  for (const int64_t number : numbers)
    if (number < have) video.frames.push_back(frame_entry(file, number));
}

void choose_images(Video& video, int wanted) {
  const int64_t have = int64_t(video.frames.size());
  if (wanted <= 0 || have <= wanted) return;
  std::vector<std::string> kept, hashes;
  for (const int64_t at : spaced_numbers(have, wanted)) {
    kept.push_back(video.frames[size_t(at)]);
    if (!video.sha256.empty()) hashes.push_back(video.sha256[size_t(at)]);
  }
  video.frames = std::move(kept), video.sha256 = std::move(hashes);
}

}  // namespace

std::vector<int64_t> spaced_numbers(int64_t have, int64_t wanted) {
  check(have > 0 && wanted > 0, "frames are spaced over some");
  std::vector<int64_t> numbers(size_t(wanted), 0);
  const double step = wanted > 1 ? double(have - 1) / double(wanted - 1) : 0;
  for (int64_t i = 0; i + 1 < wanted; ++i) numbers[size_t(i)] = int64_t(std::floor(double(i) * step));
  if (wanted > 1) numbers.back() = have - 1;
  return numbers;
}

Index evenly_spaced(Index index, int frames, Spacing spacing) {
  Counted counted = count_all(index);
  const std::vector<int64_t> lengths =
      spacing == Spacing::target ? lengths_of_targets(index, counted.frames) : counted.frames;
  std::vector<Video> kept;
  for (size_t v = 0; v < index.videos.size(); ++v) {
    Video& video = index.videos[v];
    if (counted.frames[v] < 0)
      choose_images(video, frames);
    else if (counted.frames[v] > 0)
      choose_files(video, counted.frames[v], lengths[v], frames);
    else
      continue;
    kept.push_back(std::move(video));
  }
  if (kept.empty() && !index.videos.empty())
    throw Error(Exit::data, "no video can be read in " + index.root.string(), counted.remarks.front());
  index.videos = std::move(kept);
  std::ranges::move(counted.remarks, std::back_inserter(index.remarks));
  return index;
}

}  // namespace rc
