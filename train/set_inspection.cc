#include "train/set_inspection.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "data/frame.h"
#include "data/index.h"
#include "data/network_input.h"
#include "data/resize.h"
#include "engine/error.h"
#include "train/detector_config.h"
#include "train/table.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kOfAClass = 200, kCases = 6;
constexpr int kThumbnail = 112;  // pixels of a side

// The frames at `places` as an index of their own, one a video, so that whatever an index can hold is read.
Index index_of(const fs::path& root, std::span<const FramePrediction> frames,
               std::span<const size_t> places) {
  Index index;
  index.root = root;
  for (const size_t i : places) {
    Video video;
    video.dataset = frames[i].dataset, video.split = frames[i].split, video.method = frames[i].method;
    video.label = frames[i].label, video.id = frames[i].video, video.frames = {frames[i].path};
    index.videos.push_back(std::move(video));
  }
  return index;
}

// The detector's centres of natural faces; none under objectives that keep none.
std::vector<std::vector<float>> centres_of(LoadedDetector& detector) {
  const Variable* variable = detector.variables().find("centre.real");
  if (!variable) return {};
  const size_t count = size_t(variable->desc.shape[0]), dim = size_t(variable->desc.shape[1]);
  std::vector<float> values(count * dim);
  detector.device().download(values.data(), detector.variables().tensor(*variable).data,
                             variable->desc.bytes());
  std::vector<std::vector<float>> centres;
  for (size_t c = 0; c < count; ++c)
    centres.emplace_back(values.begin() + std::ptrdiff_t(c * dim),
                         values.begin() + std::ptrdiff_t((c + 1) * dim));
  return centres;
}

// Where the set's images were when it was evaluated; an evaluation that does not say was of the run's own
// data.
fs::path images_of(const ReportedRun& run, const ReportedSet& set) {
  const std::string root = set.results.value("/data/root"_json_pointer, "");
  if (!root.empty()) return root;
  const fs::path data = run.config.value("/data/path"_json_pointer, "");
  return fs::is_directory(data) ? data : data.parent_path();
}

std::string described(const FramePrediction& p) {
  return p.method + " " + p.video + ", frame " + std::to_string(p.frame) + ": P(fake) " +
         fixed(p.prob_fake, 3);
}

}  // namespace

SetInspection inspect_set(LoadedDetector& detector, const ReportedRun& run, const ReportedSet& set) {
  SetInspection out;
  const std::vector<FramePrediction> frames = read_predictions(set.folder / "predictions.csv");
  const std::vector<size_t> sample = spread_sample(frames, kOfAClass);
  const HardCases cases = hard_cases(frames, kCases);
  std::set<size_t> wanted(sample.begin(), sample.end()), shown;
  for (const auto* list : {&cases.missed, &cases.accused, &cases.barely})
    wanted.insert(list->begin(), list->end()), shown.insert(list->begin(), list->end());
  const std::vector<size_t> places(wanted.begin(), wanted.end());

  const Index index = index_of(images_of(run, set), frames, places);
  const NetworkInput input = network_input(detector.config());
  std::vector<Image> images(places.size());  // of what is shown
  std::vector<Inspection> seen;
  try {
    const std::vector<Score> scores = detector.scorer().run(
        places.size(),
        [&](size_t i) {
          const Image scored = input.of(read_frame(index, int(i), 0, input.smallest_decoded()));
          if (shown.contains(places[i])) images[i] = scored;
          return scored;
        },
        {}, [&](size_t, Inspection one) { seen.push_back(std::move(one)); });
    for (size_t i = 0; i < places.size(); ++i)
      out.rescored = std::max(out.rescored, std::abs(scores[i].prob_fake() - frames[places[i]].prob_fake));
  } catch (const Error& error) {
    if (error.code() != Exit::data) throw;
    out.problem = "the images are not there: " + error.text();
    return out;
  }

  const auto at = [&](size_t place) {
    return size_t(std::ranges::lower_bound(places, place) - places.begin());
  };
  std::vector<EmbeddedFrame> embedded;
  for (const size_t place : sample) {
    const FramePrediction& p = frames[place];
    embedded.push_back({p.label, p.method, described(p), seen[at(place)].embedding});
  }
  const auto setting = [&](const char* pointer, double otherwise) {
    return run.config.value(nlohmann::ordered_json::json_pointer(pointer), otherwise);
  };
  out.map =
      embedding_map(std::move(embedded), centres_of(detector), setting("/loss/hard_positive_share", 0.25),
                    size_t(setting("/loss/hard_negatives", 8)));
  const auto thumbnails = [&](const std::vector<size_t>& list, std::vector<HardCase>& to) {
    for (const size_t place : list) {
      const Image small = resize(images[at(place)], kThumbnail, kThumbnail);
      to.push_back({frames[place], small, with_heat(small, seen[at(place)].fake)});
    }
  };
  thumbnails(cases.missed, out.missed), thumbnails(cases.accused, out.accused);
  thumbnails(cases.barely, out.barely);
  return out;
}

}  // namespace rc
