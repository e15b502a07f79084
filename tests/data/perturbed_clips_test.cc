// Interference over whole clips: the codec's own output, whatever order frames are asked for in, and nothing
// kept.
#include "data/perturbed_clips.h"

#include <doctest/doctest.h>

#include "data/frame.h"
#include "data/parallel.h"
#include "data/reencode.h"
#include "data/video.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

Perturbation of(const std::string& text) { return parse_perturbations(text).at(0); }

bool no_codec() {
  if (why_no_video().empty()) return false;
  MESSAGE("skipped: " << why_no_video());
  return true;
}

std::vector<Image> clip_of(int frames, int height, int width, uint32_t key) {
  std::vector<Image> clip;
  for (int i = 0; i < frames; ++i) {
    clip.push_back(gradient(height, width));
    const Image grain = noise(height, width, key + uint32_t(i));
    for (size_t j = 0; j < grain.rgb.size(); ++j)
      clip.back().rgb[j] = uint8_t(clip.back().rgb[j] ^ (grain.rgb[j] & 15));
  }
  return clip;
}

// Two videos as PNG files, of four and of three frames.
Index write_set(const TemporaryFolder& folder, std::vector<std::vector<Image>>& clips) {
  clips = {clip_of(4, 48, 64, 1), clip_of(3, 32, 40, 9)};
  Index index;
  index.root = folder.path();
  for (size_t v = 0; v < clips.size(); ++v) {
    index.videos.emplace_back();
    index.videos.back().id = std::to_string(v);
    for (size_t f = 0; f < clips[v].size(); ++f) {
      index.videos.back().frames.push_back(std::to_string(v) + "/" + std::to_string(f) + ".png");
      write_image(folder / index.videos.back().frames.back(), clips[v][f]);
    }
  }
  return index;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("perturbed clips: levels are the CRF of libx264, frames of one size are one clip") {
    if (no_codec()) return;
    const std::vector<Image> small = clip_of(3, 32, 48, 1), large = clip_of(2, 48, 64, 5);
    for (const char* text : {"compression:1", "compression:5", "reencode:2"}) {
      const Perturbation p = of(text);
      CHECK(perturb_clip(small, p) == reencode(small, int(p.parameter())));
    }
    CHECK(of("compression:1").parameter() == 30);
    CHECK(of("compression:5").parameter() == 40);
    CHECK(of("reencode:2").parameter() == 34);
    CHECK(mean_difference(perturb_clip(small, of("compression:5"))[1], small[1]) >
          mean_difference(perturb_clip(small, of("compression:1"))[1], small[1]));

    std::vector<Image> mixed = small;
    mixed.insert(mixed.end(), large.begin(), large.end());
    const std::vector<Image> out = perturb_clip(mixed, of("compression:2")), tail = reencode(large, 32);
    REQUIRE(out.size() == 5);
    CHECK(out[0] == reencode(small, 32)[0]);
    CHECK(out[4] == tail[1]);
    CHECK(perturb_clip({}, of("reencode:1")).empty());
  }

  TEST_CASE("perturbed clips: the same frames in any order and from any number of threads") {
    if (no_codec()) return;
    const TemporaryFolder folder;
    std::vector<std::vector<Image>> clips;
    const Index index = write_set(folder, clips);
    const Perturbation p = of("compression:3");
    const std::vector<Image> expected[] = {reencode(clips[0], 35), reencode(clips[1], 35)};
    PerturbedClips once(index, p), threaded(index, p);
    for (int f = 3; f >= 0; --f) CHECK(once.frame(0, f) == expected[0][size_t(f)]);
    std::vector<Image> got(7);
    parallel_for(7, 4, [&](size_t i) { got[i] = threaded.frame(i >= 4, int(i >= 4 ? i - 4 : i)); });
    for (size_t i = 0; i < 7; ++i) CHECK(got[i] == (i < 4 ? expected[0][i] : expected[1][i - 4]));
  }

  TEST_CASE("perturbed clips: a frame that cannot be read spoils no other") {
    if (no_codec()) return;
    const TemporaryFolder folder;
    std::vector<std::vector<Image>> clips;
    const Index index = write_set(folder, clips);
    write_file(folder / "0/1.png", "no image");
    PerturbedClips damaged(index, of("reencode:1"));
    clips[0].erase(clips[0].begin() + 1);
    const std::vector<Image> expected = reencode(clips[0], 28);
    CHECK(damaged.frame(0, 0) == expected[0]);
    CHECK(contains(error_of(Exit::data, [&] { damaged.frame(0, 1); }), "0/1.png"));
    CHECK(damaged.frame(0, 2) == expected[1]);
    CHECK(damaged.frame(0, 3) == expected[2]);
  }
}

}  // namespace rc
