#include "train/score_videos.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

#include "data/evenly_spaced.h"
#include "data/face_track.h"
#include "data/listing.h"
#include "data/parallel.h"
#include "data/prepare.h"
#include "data/video.h"
#include "engine/error.h"

namespace rc {
namespace {

// What is shown of frames, and how many had no face.
class Pictures {
 public:
  Pictures(const VideoScoring& how, const FaceFinder* finder) : how_(how), finder_(finder) {}

  void add(const std::vector<Image>& frames) {
    std::vector<std::optional<Image>> shown(frames.size());
    parallel_for(frames.size(), int(frames.size()), [&](size_t i) { shown[i] = shown_of(frames[i]); });
    for (std::optional<Image>& picture : shown)
      if (picture)
        images.push_back(std::move(*picture));
      else
        ++no_face;
  }

  std::vector<Image> images;
  int no_face = 0;

 private:
  std::optional<Image> shown_of(const Image& frame) const {
    if (how_.crop == FaceCrop::none) return how_.seen(frame);
    const std::optional<Face> face = biggest_face(finder_->find(frame));
    if (!face) return {};
    const PrepareOptions crops;  // as data prepare makes them when nothing else is asked for
    const Affine placement = placement_of(*face, how_.crop == FaceCrop::aligned, crops.size, crops.margin);
    return how_.seen(crop_face(frame, face->points, placement, crops.size).image);
  }

  const VideoScoring& how_;
  const FaceFinder* finder_;
};

// Returns why the video breaks off, where it does.
std::string add_frames(const std::filesystem::path& file, int wanted, Pictures& pictures) {
  const FrameCount count = count_frames(file);
  if (count.frames == 0) throw Error(Exit::data, "video " + file.string() + " has no frame", count.damage);
  const std::vector<int64_t> numbers = spaced_numbers(count.frames, std::min<int64_t>(count.frames, wanted));
  VideoReader reader(file);
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  for (size_t first = 0; first < numbers.size(); first += cores) {
    std::vector<Image> frames;
    for (size_t i = first; i < std::min(first + cores, numbers.size()); ++i)
      frames.push_back(reader.frame(numbers[i]));
    pictures.add(frames);
  }
  return count.damage;
}

}  // namespace

VideoScore score_video(Scorer& scorer, const std::filesystem::path& file, const VideoScoring& how,
                       const FaceFinder* finder) {
  VideoScore out;
  try {
    Pictures pictures(how, finder);
    if (is_video_name(file.native()))
      out.remark = add_frames(file, how.frames, pictures);
    else
      pictures.add({read_image(file)});
    out.frames = int(pictures.images.size()), out.no_face = pictures.no_face;
    if (out.frames == 0)
      throw Error(Exit::data, "no face in " + file.string(),
                  "frames looked at: " + std::to_string(out.no_face), "--crop none scores whole frames");
    const auto image = [&](size_t i) { return pictures.images[i]; };
    std::vector<LogitMap> fake;
    std::function<void(size_t, Inspection)> inspected;
    if (how.explained) inspected = [&](size_t, Inspection seen) { fake.push_back(std::move(seen.fake)); };
    const std::vector<Score> scores = scorer.run(pictures.images.size(), image, {}, inspected);
    for (const Score& score : scores) {
      out.prob_fake += score.prob_fake() / out.frames;
      out.real_distance += double(score.distance) / out.frames;
    }
    if (how.explained) {
      const size_t most = size_t(std::ranges::max_element(scores, {}, &Score::prob_fake) - scores.begin());
      out.explained = with_heat(pictures.images[most], fake[most]);
    }
  } catch (const Error& error) {
    if (error.code() != Exit::data) throw;
    out.problem = error.text();
  }
  return out;
}

}  // namespace rc
